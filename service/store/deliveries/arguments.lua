-- ARGV, one after the other, behind the prefix of all keys: a part of other scripts.

local position, arguments = 1, ARGV
local function take()
  position = position + 1
  return arguments[position]
end
local function take_list(count, read)
  local list = {}
  for i = 1, count do
    list[i] = read()
  end
  return list
end

-- Ids of entries, and what the server says of a stream: a part of other scripts.

-- Sequence numbers may exceed what a Lua number holds, so they are compared as digits.
local function before(a, b)
  if #a ~= #b then
    return #a < #b
  end
  return a < b
end
local function earlier(a, b)
  local a_ms, a_seq = a:match('(%d+)-(%d+)')
  local b_ms, b_seq = b:match('(%d+)-(%d+)')
  if a_ms == b_ms then
    return before(a_seq, b_seq)
  end
  return before(a_ms, b_ms)
end

local function pairs_of(flat)
  local found = {}
  for i = 1, #flat, 2 do
    found[flat[i]] = flat[i + 1]
  end
  return found
end

local function group_of(stream)
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = pairs_of(flat)
    if group.name == GROUP then
      return group
    end
  end
  return false
end

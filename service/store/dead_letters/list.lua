-- The newest dead letters without their fields, which may be megabytes each.
--
-- KEYS  stream
-- ARGV  key prefix, how many at most, number of leading meta fields
-- Returns for each: id, bytes of its raw fields, meta fields: name, value, …
-- include keys

local dead = dead_letters_key()
local letters, last = {}, '+'
for i = 1, tonumber(ARGV[2]) do
  local found = redis.call('XREVRANGE', dead, last, '-', 'COUNT', 1)[1]
  if not found then
    break
  end
  local letter, size = { found[1], 0 }, 0
  for j, text in ipairs(found[2]) do
    if j <= 2 * ARGV[3] then
      table.insert(letter, text)
    else
      size = size + #text
    end
  end
  letter[2] = size
  letters[i] = letter
  last = '(' .. found[1]
end
return letters

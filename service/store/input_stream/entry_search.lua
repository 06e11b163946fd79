#!lua flags=no-writes
-- Looks for a text in the entries of a stream, newest first, a step at a time.
--
-- KEYS  stream
-- ARGV  key prefix, 1: look through the dead letters in its place, the id after which the step before
--       ended ("+": begin), how many to look at, how many to find, the id at which to end ("-": look
--       at all), texts: any of them will do
-- Returns the id at which this step ended (empty: there are no more), and the ids of those that have it.

-- include keys

local dead, last, most, wanted, until_id = unpack(ARGV, 2, 6)
local key = dead == '1' and dead_letters_key() or KEYS[1]
local rows = redis.call('XREVRANGE', key, last == '+' and '+' or '(' .. last,
  until_id == '-' and '-' or '(' .. until_id, 'COUNT', most)
local found = {}

-- Whether the text stands in another one, and not as the beginning of a longer name.
local function stands_in(text, other)
  local first, last = other:find(text, 1, true)
  while first do
    if not other:find('^[%w%-%.]', last + 1) then
      return true
    end
    first, last = other:find(text, first + 1, true)
  end
  return false
end

local function has(fields)
  for i = 2, #fields, 2 do
    for j = 7, #ARGV do
      if stands_in(ARGV[j], fields[i]) then
        return true
      end
    end
  end
  return false
end

for _, row in ipairs(rows) do
  if has(row[2]) then
    table.insert(found, row[1])
    if #found >= tonumber(wanted) then
      return { row[1], found }
    end
  end
end
return { #rows == tonumber(most) and rows[#rows][1] or '', found }

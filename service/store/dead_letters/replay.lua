-- Writes a dead letter's fields back to the input stream and drops the letter.
--
-- KEYS  stream
-- ARGV  key prefix, id of the letter, then its fields: name, value, …
-- Returns the new entry's id, or nil when the letter is gone: somebody else replayed it.
-- include keys

local stream, dead, letter = KEYS[1], dead_letters_key(), ARGV[2]
redis.call('XLEN', stream)
if #redis.call('XRANGE', dead, letter, letter) == 0 then
  return false
end
local entry = redis.call('XADD', stream, '*', unpack(ARGV, 3))
redis.call('XDEL', dead, letter)
return entry

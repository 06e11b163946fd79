-- Writes a dead letter's fields back to the input stream and drops the letter.
--
-- KEYS  stream, dead
-- ARGV  id of the letter, then its fields: name, value, …
-- Returns the new entry's id, or nil when the letter is gone: somebody else replayed it.
redis.call('XLEN', KEYS[1])
if #redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1]) == 0 then
  return false
end
local entry = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
redis.call('XDEL', KEYS[2], ARGV[1])
return entry

-- Takes consumers out of the group that have nothing pending and have ended.
--
-- KEYS  stream
-- ARGV  key prefix, ms after which a consumer that has read nothing has ended, one that ends now (or empty),
--       one that reads (or empty)
-- Returns how many were taken out.
--
-- Of one that has something pending, others take that over first: with a consumer its list is deleted.
-- Before 7.2, Redis notes only when a consumer got something, not when it asked: so the one that reads asks
-- for what it has pending, from an id that no entry has.

-- include keys

-- include input_stream/ids

local stream, idle_for, leaving = KEYS[1], tonumber(ARGV[2]), ARGV[3]
local reader, beyond = ARGV[4], '18446744073709551615-0'
local removed = 0
if redis.call('EXISTS', stream) == 0 or not group_of(stream) then
  return 0
end
if reader ~= '' then
  redis.call('XREADGROUP', 'GROUP', GROUP, reader, 'COUNT', 1, 'STREAMS', stream, beyond)
end
for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', stream, GROUP)) do
  local one = pairs_of(flat)
  if one.pending == 0 and (one.name == leaving or one.idle >= idle_for) then
    redis.call('XGROUP', 'DELCONSUMER', stream, GROUP, one.name)
    removed = removed + 1
  end
end
return removed

-- What is told of together: that which has been due the longest.
--
-- KEYS  summaries
-- ARGV  key prefix
-- Returns nil when none is due, else: its pot, since when it is due (ms), a digest of what it holds,
--   and for each event, the best one first: id, score, subscribers of its alert, when it was made.

local prefix = ARGV[1]

-- include pots

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local pot, till =
  unpack(redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES'))
if not pot then
  return false
end
local events = {}
local held, digest = contents(pot)
for i = 1, #held, 2 do
  local subscribers, at =
    unpack(redis.call('HMGET', prefix .. 'alert:' .. held[i], 'subscribers', 'at'))
  table.insert(events, { held[i], held[i + 1], subscribers or '', at or '' })
end
return { pot, till, digest, events }

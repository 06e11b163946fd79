-- The lanes that may have something to send, those that have waited longest first.
--
-- KEYS  stream
-- ARGV  key prefix, most lanes, the longest delay of a delivery (ms)
-- Returns their names, and in how many ms the next lane after them is due, or nil when none is.
-- include keys

local lanes, most = lanes_key(), ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
-- A server whose clock was set back, or another that took its place, has times that could not be.
local far = string.format('%.3f', now + ARGV[3])
for _, name in ipairs(redis.call('ZRANGE', lanes, far, '+inf', 'BYSCORE', 'LIMIT', 0, most)) do
  redis.call('ZADD', lanes, string.format('%.3f', now), name)
end
local names = redis.call('ZRANGE', lanes, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
local first = redis.call('ZRANGE', lanes, #names, #names, 'WITHSCORES')
if not first[2] then
  return { names, false }
end
return { names, math.max(0, math.ceil(tonumber(first[2]) - now)) }

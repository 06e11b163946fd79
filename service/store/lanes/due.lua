-- The lanes that may have something to send, those that have waited longest first.
--
-- KEYS  lanes
-- ARGV  most lanes, the longest delay of a delivery (ms)
-- Returns their names, and in how many ms the next lane after them is due, or nil when none is.
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
-- A server whose clock was set back, or another that took its place, has times that could not be.
local far = string.format('%.3f', now + ARGV[2])
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], far, '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  redis.call('ZADD', KEYS[1], string.format('%.3f', now), name)
end
local names = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])
local first = redis.call('ZRANGE', KEYS[1], #names, #names, 'WITHSCORES')
if not first[2] then
  return { names, false }
end
return { names, math.max(0, math.ceil(tonumber(first[2]) - now)) }

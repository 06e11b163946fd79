-- KEYS  due
-- Returns in how many ms the next delivery is due (0: now), or nil when none is pending.
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if #first == 0 then
  return false
end
local time = redis.call('TIME')
return math.max(0, tonumber(first[2]) - time[1] * 1000 - math.floor(time[2] / 1000))

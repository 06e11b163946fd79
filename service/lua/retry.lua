-- Makes one delivery due now, its schedule begun anew.
--
-- KEYS  delivery, due, bell, pending index, delivered index, failed index
-- ARGV  delivery id, key prefix
-- Returns 1, or 0 when there is no such delivery (any more). One that is being sent right now
-- is left alone.

local delivery, due, bell, pending = unpack(KEYS)
local id, prefix = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for i = 4, 6 do
  redis.call('ZCARD', KEYS[i])
end
local ring = redis.call('LLEN', bell) == 0
local when = redis.call('ZSCORE', due, id)
local state, alert, attempts, token =
  unpack(redis.call('HMGET', delivery, 'state', 'alert', 'attempts', 'token'))
if not state then
  return 0
end
local event = prefix .. 'alert:' .. alert
if redis.call('HEXISTS', event, 'body') == 0 then
  return 0
end
if token and when and tonumber(when) > now then
  return 1
end

redis.call('ZADD', due, now, id)
redis.call('PERSIST', delivery)
redis.call('PERSIST', event)
if state ~= 'pending' then
  redis.call('HINCRBY', event, 'open', 1)
  redis.call('ZREM', KEYS[5], id)
  redis.call('ZREM', KEYS[6], id)
  redis.call('ZADD', pending, now, id)
end
redis.call('HSET', delivery, 'state', 'pending', 'base', attempts, 'forced', 1, 'note', '')
redis.call('HDEL', delivery, 'token')
if ring then
  redis.call('RPUSH', bell, 1)
end
return 1

-- Makes one delivery due now, its schedule begun anew.
--
-- KEYS  stream
-- ARGV  key prefix, delivery id, the state that it must be in (empty: any)
-- Returns 1, or 0 when there is no such delivery (any more). One that is being sent right now
-- is left alone.

-- include keys

local id, only = ARGV[2], ARGV[3]
local delivery, lanes, bell = delivery_key(id), lanes_key(), bell_key()
local pending, delivered, failed =
  deliveries_key('pending'), deliveries_key('delivered'), deliveries_key('failed')
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- include lanes/lane

for _, key in ipairs({ pending, delivered, failed }) do
  redis.call('ZCARD', key)
end
redis.call('ZCARD', lanes)
local ring = redis.call('LLEN', bell) == 0
local state, alert, attempts, token, subscriber =
  unpack(redis.call('HMGET', delivery, 'state', 'alert', 'attempts', 'token', 'subscriber'))
if not state or (only ~= '' and state ~= only) then
  return 0
end
inspect(subscriber)
local event = alert_key(alert)
if redis.call('HEXISTS', event, 'body') == 0 then
  return 0
end
local out = redis.call('ZSCORE', out_key(subscriber), id)
if token and out and tonumber(out) > now then
  return 1
end

queue(subscriber, id, now)
redis.call('PERSIST', delivery)
redis.call('PERSIST', event)
if state ~= 'pending' then
  redis.call('HINCRBY', event, 'open', 1)
  redis.call('ZREM', delivered, id)
  redis.call('ZREM', failed, id)
  redis.call('ZADD', pending, now, id)
end
redis.call('HSET', delivery, 'state', 'pending', 'base', attempts, 'forced', 1, 'note', '')
redis.call('HDEL', delivery, 'token')
-- Whoever asks for it knows more than the circuit does.
redis.call('HDEL', state_key(subscriber), 'next_probe', 'paused_until')
schedule(subscriber)
if ring then
  redis.call('RPUSH', bell, 1)
end
return 1

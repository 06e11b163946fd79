-- Lets a subscriber have deliveries again, as if nothing had gone wrong; or no more of them.
--
-- KEYS  stream
-- ARGV  key prefix, subscriber, why to disable it (JSON; empty: enable it)
-- Returns 1 when that changed anything.

-- include keys

local lanes, disabled, bell = lanes_key(), disabled_key(), bell_key()
local name, why = ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- include lanes/lane

inspect(name)
redis.call('ZCARD', lanes)
local ring = redis.call('LLEN', bell) == 0
if why ~= '' then
  return redis.call('HSETNX', disabled, name, why)
end
local was = redis.call('HDEL', disabled, name)
local gone = redis.call('HDEL', state_key(name), 'failures', 'failing_since', 'failing_for',
  'last_failure', 'next_probe', 'paused_until')
bring_forward(name, now)
schedule(name)
if ring then
  redis.call('RPUSH', bell, 1)
end
return (was > 0 or gone > 0) and 1 or 0

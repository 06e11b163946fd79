#!lua flags=allow-oom
-- Records what came of one attempt. Allowed when memory is full: an answer that is not written
-- down is a delivery sent twice, and what ends here is what frees memory.
--
-- KEYS  delivery, alert, due, disabled, bell, pending index, delivered index, failed index
-- ARGV  delivery id, token, attempt, its record (JSON), verdict (delivered, failed, retry or
--       postponed), delay (ms), note, why to disable the subscriber (JSON, or empty), retention (ms)
-- Returns 1 when the verdict counted. Only the holder of the lease may postpone, retry or fail;
-- a success is a success even after the lease ran out.

local delivery, alert, due, disabled, bell = unpack(KEYS)
local index = { pending = KEYS[6], delivered = KEYS[7], failed = KEYS[8] }
local id, token, attempt, record, verdict, delay, note, disable, keep = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('ZCARD', due)
redis.call('HLEN', disabled)
local ring = redis.call('LLEN', bell) == 0
for _, key in pairs(index) do
  redis.call('ZCARD', key)
end
local open = tonumber(redis.call('HGET', alert, 'open') or 0)
local state, holder, subscriber = unpack(redis.call('HMGET', delivery, 'state', 'token', 'subscriber'))
if not state then
  return 0
end

local function finish(new)
  redis.call('HSET', delivery, 'state', new, 'note', note)
  redis.call('HDEL', delivery, 'token', 'forced')
  redis.call('ZREM', due, id)
  redis.call('ZREM', index[state], id)
  redis.call('ZADD', index[new], now, id)
  redis.call('PEXPIRE', delivery, keep)
  if state == 'pending' and open > 0 then
    open = redis.call('HINCRBY', alert, 'open', -1)
  end
  if open <= 0 then
    redis.call('PEXPIRE', alert, keep)
  end
end

local function due_again()
  redis.call('HSET', delivery, 'note', note)
  redis.call('HDEL', delivery, 'token', 'forced')
  redis.call('ZADD', due, now + delay, id)
  -- Whoever waits has reckoned with later times.
  if ring then
    redis.call('RPUSH', bell, 1)
  end
end

local holds = state == 'pending' and holder == token
if verdict == 'postponed' then
  if not holds then
    return 0
  end
  redis.call('HINCRBY', delivery, 'attempts', -1)
  redis.call('HDEL', delivery, 'attempt:' .. attempt)
  due_again()
  return 1
end

redis.call('HSET', delivery, 'attempt:' .. attempt, record)
if verdict == 'delivered' then
  redis.call('HDEL', disabled, subscriber)
  if state == 'delivered' then
    return 0
  end
  finish('delivered')
  return 1
end
if not holds then
  return 0
end
if disable ~= '' then
  redis.call('HSETNX', disabled, subscriber, disable)
end
if verdict == 'failed' then
  finish('failed')
else
  due_again()
end
return 1

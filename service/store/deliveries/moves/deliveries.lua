-- Gives deliveries of one subscriber to another: each keeps its id, and its schedule begins anew.
--
-- KEYS  stream
-- ARGV  key prefix, subscriber, the other, retention of deliveries (ms), deliveries; each: id, the id that a
--       delivery of its event to the other has
-- Returns how many were moved, how many end because the other has the event anyway, how many are being
--   sent now and were left.

-- include keys

local lanes, bell = lanes_key(), bell_key()
local pending, failed = deliveries_key('pending'), deliveries_key('failed')
local old, new, keep = ARGV[2], ARGV[3], ARGV[4]
local digest = held_key(digest_bundle(new))
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- include lanes/lane

inspect(old)
inspect(new)
redis.call('ZCARD', lanes)
redis.call('ZCARD', pending)
redis.call('ZCARD', failed)
redis.call('ZCARD', digest)
local ring = redis.call('LLEN', bell) == 0
local moved, had, left = 0, 0, 0

local function read(id)
  local found = redis.pcall('HMGET', delivery_key(id), 'state', 'subscriber', 'alert', 'attempts', 'token')
  if found.err then
    return {}
  end
  local event = found[3] and alert_key(found[3])
  local has_text = event and redis.pcall('HEXISTS', event, 'body') == 1
  return { state = found[1], subscriber = found[2], alert = found[3], event = event, has_text = has_text,
    attempts = found[4], token = found[5] }
end

local function move(id, one)
  redis.call('HSET', delivery_key(id), 'subscriber', new, 'state', 'pending', 'base', one.attempts, 'note', '')
  redis.call('PERSIST', delivery_key(id))
  redis.call('PERSIST', one.event)
  if one.state == 'failed' then
    redis.call('HINCRBY', one.event, 'open', 1)
    redis.call('ZREM', failed, id)
    redis.call('ZADD', pending, now, id)
  end
  queue(new, id, now + moved / 1000) -- in their order
  moved = moved + 1
end

local function finish(id, one)
  had = had + 1
  redis.call('HSET', delivery_key(id), 'state', 'failed', 'note', new .. ' has a delivery of this event')
  if one.state == 'pending' then
    redis.call('ZREM', pending, id)
    redis.call('ZADD', failed, now, id)
    redis.call('PEXPIRE', delivery_key(id), keep)
    if redis.call('HINCRBY', one.event, 'open', -1) <= 0 then
      redis.call('PEXPIRE', one.event, keep)
    end
  end
end

for i = 5, #ARGV, 2 do
  local id, twin = ARGV[i], ARGV[i + 1]
  local one = read(id)
  local movable = one.subscriber == old and one.has_text and (one.state == 'pending' or one.state == 'failed')
  local out = redis.call('ZSCORE', out_key(old), id)
  if movable and one.token and out and tonumber(out) > now then
    left = left + 1
  elseif movable then
    leave(old, id)
    redis.call('HDEL', delivery_key(id), 'token', 'forced')
    if redis.call('EXISTS', delivery_key(twin)) == 1 or redis.call('ZSCORE', digest, one.alert) then
      finish(id, one)
    else
      move(id, one)
    end
  end
end
schedule(old)
schedule(new)
if ring and moved > 0 then
  redis.call('RPUSH', bell, 1)
end
return { moved, had, left }

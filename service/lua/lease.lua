-- Leases deliveries that are due: each starts an attempt, and is due again when its lease ends.
--
-- KEYS  due, disabled, bell
-- ARGV  key prefix, how many, lease (ms), token of the holder, started (RFC 3339), worker
-- Returns for each: id, alert, subscriber, attempt, attempts before this schedule, event or nil,
--         why its subscriber is disabled or nil, 1 when an operator asked for it.

local due, disabled, bell = unpack(KEYS)
local prefix, limit, lease, token, started, worker = unpack(ARGV)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('HLEN', disabled)
local ring = redis.call('LLEN', bell) == 0

local leased = {}
for _, id in ipairs(redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)) do
  local key = prefix .. 'delivery:' .. id
  local state, alert, subscriber, base, forced =
    unpack(redis.call('HMGET', key, 'state', 'alert', 'subscriber', 'base', 'forced'))
  if state == 'pending' then
    local event = redis.call('HGET', prefix .. 'alert:' .. alert, 'body')
    local attempt = redis.call('HINCRBY', key, 'attempts', 1)
    local record = cjson.encode({ at = started, worker = worker })
    redis.call('HSET', key, 'token', token, 'attempt:' .. attempt, record)
    redis.call('ZADD', due, now + lease, id)
    table.insert(leased, { id, alert, subscriber, attempt, tonumber(base), event,
      redis.call('HGET', disabled, subscriber), forced and 1 or 0 })
  else
    redis.call('ZREM', due, id)
  end
end

-- One ring wakes one worker: while more is due, each wakes the next.
if ring and #redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1) > 0 then
  redis.call('RPUSH', bell, 1)
end
return leased

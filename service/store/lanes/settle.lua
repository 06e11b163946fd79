#!lua flags=allow-oom
-- Records what came of one attempt. Allowed when memory is full: an answer that is not written
-- down is a delivery sent twice, and what ends here is what frees memory.
--
-- KEYS  stream
-- ARGV  key prefix, time (RFC 3339), retention (ms), ms without a success that disable a subscriber,
--       number of attempts; each: delivery id, alert id, subscriber, token, attempt, its record (JSON),
--         ms that it took, verdict (delivered, failed, refused, retry or postponed), and unless it is delivered: delay (ms),
--         rest of the lane (ms), note, why to disable the subscriber (or empty), and two events: for the
--         failure, and for disabling
-- Returns for each: 1 when the verdict counted, and what happened to the lane: opened, closed,
--   disabled, or empty. Only the holder of the lease may postpone, retry or fail; a success is a
--   success even after the lease ran out.

-- include keys

local lanes, disabled, bell = lanes_key(), disabled_key(), bell_key()
local summaries, pending = bundles_key(), deliveries_key('pending')
local index = { pending = pending, delivered = deliveries_key('delivered'), failed = deliveries_key('failed') }

-- include deliveries/arguments

local at, keep, patience = take(), take(), tonumber(take())
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- include lanes/lane

-- include deliveries/events

redis.call('HLEN', disabled)
redis.call('ZCARD', lanes)
for _, key in pairs(index) do
  redis.call('ZCARD', key)
end
local ring = redis.call('LLEN', bell) == 0

local settled = take_list(tonumber(take()), function()
  local one = { id = take(), alert = take(), subscriber = take(), token = take(), attempt = take(),
    record = take(), took = tonumber(take()), verdict = take(), note = '' }
  if one.verdict ~= 'delivered' then
    one.delay, one.rest, one.note, one.disable = tonumber(take()), tonumber(take()), take(), take()
    one.exhausted, one.disabling = read_event(), read_event()
  end
  inspect(one.subscriber)
  redis.call('HLEN', alert_key(one.alert))
  one.state, one.holder, one.watchlist, one.article =
    unpack(redis.call('HMGET', delivery_key(one.id), 'state', 'token', 'watchlist', 'article'))
  return one
end)

local function finish(one, new)
  local key = delivery_key(one.id)
  redis.call('HSET', key, 'state', new, 'note', one.note)
  redis.call('HDEL', key, 'token', 'forced')
  leave(one.subscriber, one.id)
  redis.call('ZREM', index[one.state], one.id)
  redis.call('ZADD', index[new], now, one.id)
  redis.call('PEXPIRE', key, keep)
  local alert = alert_key(one.alert)
  local open = number(redis.call('HGET', alert, 'open'))
  if one.state == 'pending' and open > 0 then
    open = redis.call('HINCRBY', alert, 'open', -1)
  end
  if open <= 0 then
    redis.call('PEXPIRE', alert, keep)
  end
end

local function due_again(one)
  local key = delivery_key(one.id)
  redis.call('HSET', key, 'note', one.note)
  redis.call('HDEL', key, 'token')
  if one.verdict ~= 'postponed' then -- else what somebody asked for has not been done
    redis.call('HDEL', key, 'forced')
  end
  queue(one.subscriber, one.id, now + one.delay)
  redis.call('ZREM', out_key(one.subscriber), one.id)
end

local function succeeded(one, forced)
  local state = state_key(one.subscriber)
  local failures = number(redis.call('HGET', state, 'failures'))
  redis.call('HSET', state, 'confirmed', 1, 'last_success', string.format('%.0f', now))
  -- Not `rest`: what the receiver asked for in another answer holds, and passes by itself.
  redis.call('HDEL', state, 'failures', 'failing_since', 'next_probe')
  -- What was on its way when its subscriber was disabled says nothing against that: the mark is
  -- lifted only by what was sent in spite of this very mark, because an operator asked for it.
  local was = 0
  if forced and redis.call('HGET', disabled, one.subscriber) == forced then
    was = redis.call('HDEL', disabled, one.subscriber)
  end
  return (failures >= FAILURES or was > 0) and 'closed' or ''
end

local function disable(one, reason)
  if redis.call('HSETNX', disabled, one.subscriber, cjson.encode({ reason = reason, at = at })) == 0 then
    return ''
  end
  if one.disabling.type ~= '' then
    send(one, one.disabling, one.disabling.subscribers)
    remember(one.disabling.id, at)
  end
  return 'disabled'
end

local function went_wrong(one)
  local state = state_key(one.subscriber)
  local failures = redis.call('HINCRBY', state, 'failures', 1)
  redis.call('HSETNX', state, 'failing_since', string.format('%.0f', now))
  if one.rest > 0 then
    redis.call('HSET', state, 'paused_until', string.format('%.0f', now + one.rest))
  end
  if one.disable ~= '' then
    return disable(one, one.disable)
  end
  -- Two failures with days of nothing between them are no reason yet.
  if failures >= FAILURES and now - number(redis.call('HGET', state, 'failing_since')) >= patience then
    local days = math.floor(patience / 86400000 * 10 + 0.5) / 10
    return disable(one, 'nothing was delivered for ' .. days .. ' days')
  end
  if failures >= FAILURES then
    redis.call('HSET', state, 'next_probe', string.format('%.0f', now + PROBE))
  end
  return failures == FAILURES and 'opened' or ''
end

local function settle(one)
  if not one.state then
    return 0, ''
  end
  -- Of two attempts in one call the second sees what the first did.
  local state, holder, forced =
    unpack(redis.call('HMGET', delivery_key(one.id), 'state', 'token', 'forced'))
  one.state = state
  local holds = state == 'pending' and holder == one.token
  if one.verdict == 'postponed' then
    if not holds then
      return 0, ''
    end
    redis.call('HINCRBY', delivery_key(one.id), 'attempts', -1)
    redis.call('HDEL', delivery_key(one.id), attempt_field(one.attempt))
    due_again(one)
    return 1, ''
  end
  redis.call('HSET', delivery_key(one.id), attempt_field(one.attempt), one.record)
  if one.took >= SLOW then
    redis.call('HSET', state_key(one.subscriber), 'slow', 1)
  else
    redis.call('HDEL', state_key(one.subscriber), 'slow')
  end
  if one.verdict == 'delivered' then
    local became = succeeded(one, forced)
    if state == 'delivered' then
      return 0, became
    end
    finish(one, 'delivered')
    return 1, became
  end
  if not holds then
    return 0, ''
  end
  -- A refusal is an answer about one message: it speaks neither for the receiver nor against it.
  local became = one.verdict ~= 'refused' and went_wrong(one) or ''
  if one.verdict ~= 'retry' then
    finish(one, 'failed')
    if one.exhausted.type ~= '' then
      send(one, one.exhausted, one.exhausted.subscribers)
      remember(one.exhausted.id, at)
    end
  else
    due_again(one)
  end
  return 1, became
end

local told = {}
for i, one in ipairs(settled) do
  told[i] = { settle(one) }
  schedule(one.subscriber)
end
-- Whoever waits has reckoned with later times.
if ring and #redis.call('ZRANGE', lanes, 0, 0) > 0 then
  redis.call('RPUSH', bell, 1)
end
return told

#!lua flags=allow-oom
-- Records attempts, and what was decided about their deliveries and lanes in settlement.py. Allowed
-- when memory is full: an attempt that is not recorded is a delivery sent twice, and a delivery that
-- ends frees memory.
--
-- A lane is settled wholly or not: where its health, or one of these deliveries, is not what the
-- decision rests on, nothing is written, and the caller decides again.
--
-- KEYS  stream
-- ARGV  key prefix, time (RFC 3339), retention (ms), lanes (JSON), how many events follow; the events
--       Each lane: `name`, `health` (what the decision rests on), `fields` (of its state), `disabled`
--       (its new mark; empty: it is lifted; absent: it stays), `recovered` (whether what waits is brought
--       forward), `deliveries`. Each of these: `id`,
--       `alert`, `expected` (its state; absent: an earlier step of it changes that), `attempt` (its
--       number), `record` (JSON), `action` (see settlement.py), and where it needs them: `note`, `delay`
--       (ms), `exhausted` and `disabling` (numbers of the events about it and its subscriber)
-- Returns for each lane 1, or where nothing was written its health and the state of each delivery.

-- include keys

local lanes, disabled, bell = lanes_key(), disabled_key(), bell_key()
local summaries, pending = bundles_key(), deliveries_key('pending')
local index = { pending = pending, delivered = deliveries_key('delivered'), failed = deliveries_key('failed') }

-- include deliveries/arguments

local at, keep, settled = take(), take(), cjson.decode(take())
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- include lanes/lane

-- include deliveries/events

local function delivery_state(id)
  local f = redis.call('HMGET', delivery_key(id), 'state', 'token', 'forced')
  return table.concat({ f[1] or '', f[2] or '', f[3] or '' }, '\n')
end

redis.call('ZCARD', lanes)
for _, key in pairs(index) do
  redis.call('ZCARD', key)
end
local ring = redis.call('LLEN', bell) == 0
local events = take_list(take(), read_event)

-- Nothing when all is as the decision expects it; else the lane's health and each delivery's state.
local function changes(lane)
  inspect(lane.name)
  local found = { health(lane.name) }
  local as_expected = found[1] == lane.health
  for _, one in ipairs(lane.deliveries) do
    redis.call('HLEN', alert_key(one.alert))
    local state = delivery_state(one.id)
    as_expected = as_expected and (not one.expected or one.expected == state)
    found[#found + 1] = state
  end
  return not as_expected and found
end

local function report(one, event)
  local about = {}
  about.watchlist, about.article = unpack(redis.call('HMGET', delivery_key(one.id), 'watchlist', 'article'))
  send(about, event)
  remember(event.id, at)
end

local function finish(lane, one, new)
  local key = delivery_key(one.id)
  local old = redis.call('HGET', key, 'state')
  redis.call('HSET', key, 'state', new, 'note', one.note or '')
  redis.call('HDEL', key, 'token', 'forced')
  leave(lane.name, one.id)
  redis.call('ZREM', index[old], one.id)
  redis.call('ZADD', index[new], now, one.id)
  redis.call('PEXPIRE', key, keep)
  local alert = alert_key(one.alert)
  local open = number(redis.call('HGET', alert, 'open'))
  if old == 'pending' and open > 0 then
    open = redis.call('HINCRBY', alert, 'open', -1)
  end
  if open <= 0 then
    redis.call('PEXPIRE', alert, keep)
  end
end

local function due_again(lane, one)
  redis.call('HSET', delivery_key(one.id), 'note', one.note)
  redis.call('HDEL', delivery_key(one.id), 'token')
  queue(lane.name, one.id, now + one.delay)
  redis.call('ZREM', out_key(lane.name), one.id)
end

local function record(one)
  redis.call('HSET', delivery_key(one.id), attempt_field(one.attempt), one.record)
end

local actions = {
  ignore = function() end,
  record = function(_, one)
    record(one)
  end,
  deliver = function(lane, one)
    record(one)
    finish(lane, one, 'delivered')
  end,
  fail = function(lane, one)
    record(one)
    finish(lane, one, 'failed')
    if one.exhausted then
      report(one, events[one.exhausted])
    end
  end,
  retry = function(lane, one)
    record(one)
    redis.call('HDEL', delivery_key(one.id), 'forced')
    due_again(lane, one)
  end,
  postpone = function(lane, one) -- still `forced`: what somebody asked for has not been done
    redis.call('HINCRBY', delivery_key(one.id), 'attempts', -1)
    redis.call('HDEL', delivery_key(one.id), attempt_field(one.attempt))
    due_again(lane, one)
  end,
}

local function settle(lane)
  write_fields(lane.name, lane.fields)
  for _, one in ipairs(lane.deliveries) do
    actions[one.action](lane, one)
    if one.disabling then
      report(one, events[one.disabling])
    end
  end
  if lane.disabled == '' then
    redis.call('HDEL', disabled, lane.name)
  elseif lane.disabled then
    redis.call('HSET', disabled, lane.name, lane.disabled)
  end
  if lane.recovered then
    bring_forward(lane.name, now)
  end
  schedule(lane.name)
end

local changed = {}
for i, lane in ipairs(settled) do -- before anything is written
  changed[i] = changes(lane)
end
local found = {}
for i, lane in ipairs(settled) do
  if not changed[i] then
    settle(lane)
  end
  found[i] = changed[i] or 1
end
-- Workers that wait expect later times.
if ring and #redis.call('ZRANGE', lanes, 0, 0) > 0 then
  redis.call('RPUSH', bell, 1)
end
return found

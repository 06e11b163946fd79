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
  return f[1] or '', table.concat({ f[1] or '', f[2] or '', f[3] or '' }, '\n')
end

redis.call('ZCARD', lanes)
for _, key in pairs(index) do
  redis.call('ZCARD', key)
end
local ring = redis.call('LLEN', bell) == 0
local events = take_list(take(), read_event)

local states = {} -- by delivery, as they are now
local open, ended = {}, {} -- by alert: its deliveries that have not ended, and how many of them end here
local moved = { added = {}, removed = {} } -- by state: deliveries that come into it or leave it
for state in pairs(index) do
  moved.added[state], moved.removed[state] = {}, {}
end

-- Nothing when all is as the decision expects it; else the lane's health and each delivery's state.
local function changes(lane, mark)
  lane.known = read_lane(lane.name, mark)
  if not lane.known then
    inspect(lane.name)
  end
  local found = { health(lane.known) }
  local as_expected = found[1] == lane.health
  for _, one in ipairs(lane.deliveries) do
    if not open[one.alert] then
      open[one.alert] = number(redis.call('HGET', alert_key(one.alert), 'open'))
    end
    local state, text = delivery_state(one.id)
    states[one.id] = state
    as_expected = as_expected and (not one.expected or one.expected == text)
    found[#found + 1] = text
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
  local key, old = delivery_key(one.id), states[one.id]
  redis.call('HSET', key, 'state', new, 'note', one.note or '', attempt_field(one.attempt), one.record)
  redis.call('HDEL', key, 'token', 'forced')
  redis.call('PEXPIRE', key, keep)
  lane.due[one.id], lane.ended[one.id] = nil, true
  table.insert(moved.removed[old] or {}, one.id)
  table.insert(moved.added[new], now)
  table.insert(moved.added[new], one.id)
  ended[one.alert] = (ended[one.alert] or 0) + (old == 'pending' and 1 or 0)
  states[one.id] = new
end

local function due_again(lane, one)
  lane.due[one.id] = now + one.delay
end

local actions = {
  ignore = function() end,
  record = function(_, one)
    redis.call('HSET', delivery_key(one.id), attempt_field(one.attempt), one.record)
  end,
  deliver = function(lane, one)
    finish(lane, one, 'delivered')
  end,
  fail = function(lane, one)
    finish(lane, one, 'failed')
  end,
  retry = function(lane, one)
    redis.call('HSET', delivery_key(one.id), 'note', one.note, attempt_field(one.attempt), one.record)
    redis.call('HDEL', delivery_key(one.id), 'token', 'forced')
    due_again(lane, one)
  end,
  postpone = function(lane, one) -- still `forced`: what somebody asked for has not been done
    redis.call('HINCRBY', delivery_key(one.id), 'attempts', -1)
    redis.call('HSET', delivery_key(one.id), 'note', one.note)
    redis.call('HDEL', delivery_key(one.id), 'token', attempt_field(one.attempt))
    due_again(lane, one)
  end,
}

local function settle(lane)
  lane.due, lane.ended = {}, {}
  write_fields(lane.known, lane.fields)
  for _, one in ipairs(lane.deliveries) do
    actions[one.action](lane, one)
  end
  local scored, gone, landed = {}, {}, {}
  for id, due in pairs(lane.due) do
    table.insert(scored, due)
    table.insert(scored, id)
    table.insert(landed, id)
  end
  for id in pairs(lane.ended) do
    table.insert(gone, id)
    table.insert(landed, id)
  end
  add_all(lane_key(lane.name), scored)
  remove_all(lane_key(lane.name), gone)
  remove_all(out_key(lane.name), landed)
  if lane.disabled == '' then
    redis.call('HDEL', disabled, lane.name)
  elseif lane.disabled then
    redis.call('HSET', disabled, lane.name, lane.disabled)
  end
  if lane.recovered then
    bring_forward(lane.name, now)
  end
end

-- An alert is kept for as long as one of its deliveries has not ended.
local function close_alerts()
  for id, count in pairs(ended) do
    local key, left = alert_key(id), open[id]
    if count > 0 and left > 0 then
      count = math.min(count, left)
      left = redis.call('HINCRBY', key, 'open', -count)
    end
    if left <= 0 then
      redis.call('PEXPIRE', key, keep)
    end
  end
end

local names, changed, written, found = {}, {}, {}, {}
for i, lane in ipairs(settled) do
  names[i] = lane.name
end
local marks = disabled_marks(names)
for i, lane in ipairs(settled) do -- before anything is written
  changed[i] = changes(lane, marks[i])
end
for i, lane in ipairs(settled) do
  if not changed[i] then
    settle(lane)
    table.insert(written, lane)
  end
  found[i] = changed[i] or 1
end
for state, key in pairs(index) do -- no delivery comes back here into a state that it has left
  add_all(key, moved.added[state])
end
for state, key in pairs(index) do
  remove_all(key, moved.removed[state])
end
close_alerts()
local looks = {}
for _, lane in ipairs(written) do
  for _, one in ipairs(lane.deliveries) do
    if one.exhausted then
      report(one, events[one.exhausted])
    end
    if one.disabling then
      report(one, events[one.disabling])
    end
  end
  table.insert(looks, lane.known)
end
schedule_all(looks) -- at last: reports may have come into these lanes
-- Workers that wait expect later times.
if ring and #redis.call('ZRANGE', lanes, 0, 0) > 0 then
  redis.call('RPUSH', bell, 1)
end
return found

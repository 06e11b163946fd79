#!lua flags=allow-oom
-- Records attempts, and what was decided about their deliveries and lanes in settlement.py. Allowed
-- when memory is full: an attempt that is not recorded is a delivery sent twice, and a delivery that
-- ends frees memory.
--
-- A lane is settled wholly or not: where its health, or one of these deliveries, is not what the
-- decision rests on, nothing is written, and the caller decides again.
--
-- KEYS  stream
-- ARGV  key prefix, time (RFC 3339), retention (ms), how many events follow, the events, how many lanes
--       follow. Each lane: name, its health (what the decision rests on), how many fields of its state change
--       and these, each its name and its text; its new mark behind `=` (`=`: it is lifted; '': it stays),
--       1 where what waits is brought forward, how many deliveries follow. Each of these: id, alert, its state
--       ('': an earlier step of it changes that), number of the attempt, its record (JSON), action (see
--       settlement.py); where it goes on or has failed also its note, delay (ms), and the numbers of the
--       events about it and its subscriber (0: none)
-- Returns for each lane 1, or where nothing was written its health and the state of each delivery.

-- include keys

local lanes, disabled, bell = lanes_key(), disabled_key(), bell_key()
local summaries, pending = bundles_key(), deliveries_key('pending')
local index = { pending = pending, delivered = deliveries_key('delivered'), failed = deliveries_key('failed') }

-- include deliveries/arguments

local at, keep = take(), take()
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

local GOES_ON = { retry = true, fail = true, postpone = true }

local function read_delivery()
  local one = { id = take(), alert = take(), expected = take(), attempt = take(), record = take(),
    action = take(), note = '', delay = false, exhausted = false, disabling = false }
  if GOES_ON[one.action] then
    one.note, one.delay = take(), tonumber(take())
    one.exhausted, one.disabling = events[tonumber(take())], events[tonumber(take())]
  end
  return one
end

local settled = take_list(take(), function()
  local lane = { name = take(), health = take(), fields = {}, disabled = false, recovered = false,
    deliveries = false, known = false, due = {}, ended = {} }
  for _ = 1, take() do
    local field = take()
    lane.fields[field] = take()
  end
  lane.disabled, lane.recovered = take(), take() ~= ''
  lane.deliveries = take_list(take(), read_delivery)
  return lane
end)

local moment = milliseconds(now)
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
    as_expected = as_expected and (one.expected == '' or one.expected == text)
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
  redis.call('HSET', key, 'state', new, 'note', one.note, attempt_field(one.attempt), one.record)
  redis.call('HDEL', key, 'token', 'forced')
  redis.call('PEXPIRE', key, keep)
  lane.due[one.id], lane.ended[one.id] = nil, true
  local left, added = moved.removed[old] or {}, moved.added[new]
  left[#left + 1] = one.id
  added[#added + 1], added[#added + 2] = moment, one.id
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
  write_fields(lane.known, lane.fields)
  for _, one in ipairs(lane.deliveries) do
    actions[one.action](lane, one)
  end
  local scored, gone, landed = {}, {}, {}
  for id in pairs(lane.ended) do
    gone[#gone + 1], landed[#landed + 1] = id, id
  end
  for id, due in pairs(lane.due) do
    scored[#scored + 1], scored[#scored + 2] = due, id
    landed[#landed + 1] = id
  end
  local known = lane.known
  known.size = known.size + add_all(lane_key(lane.name), scored) - remove_all(lane_key(lane.name), gone)
  remove_all(out_key(lane.name), landed)
  if lane.disabled == '=' then
    redis.call('HDEL', disabled, lane.name)
  elseif lane.disabled ~= '' then
    redis.call('HSET', disabled, lane.name, lane.disabled:sub(2))
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
local looks, empty = {}, {}
for _, lane in ipairs(written) do
  for _, one in ipairs(lane.deliveries) do
    if one.exhausted then
      report(one, one.exhausted)
    end
    if one.disabling then
      report(one, one.disabling)
    end
  end
  local is_empty = lane.known.size == 0 and #events == 0 -- reports may have come into it
  table.insert(is_empty and empty or looks, is_empty and lane.name or lane.known)
end
schedule_all(looks)
remove_all(lanes, empty)
-- Workers that wait expect later times.
if ring and #redis.call('ZRANGE', lanes, 0, 0) > 0 then
  redis.call('RPUSH', bell, 1)
end
return found

-- Lanes, one for each subscriber: a part of other scripts. It uses: now, lanes.
-- What is decided about a lane is decided in health.py and allotment.py; here it is kept.

-- include deliveries/queue

-- A delivery of the lane becomes due at a time.
local function queue(name, id, at)
  redis.call('ZADD', place_of(name), at, id)
end

-- The marks of these subscribers that are disabled, in their order.
local function disabled_marks(names)
  local marks = {}
  for first = 1, #names, 1000 do -- a script passes on a few thousand arguments
    local last = math.min(first + 999, #names)
    local found = redis.call('HMGET', disabled_key(), unpack(names, first, last))
    for i = first, last do marks[i] = found[i - first + 1] end
  end
  return marks
end

-- A lane with all that decisions and times rest on, read once; nil where a key of it holds something
-- else. `size` counts what waits in it, `out` what is in flight.
local function read_lane(name, mark)
  local state = redis.pcall('HGETALL', state_key(name)) -- most lanes have few fields
  local size, out = redis.pcall('ZCARD', lane_key(name)), redis.pcall('ZCARD', out_key(name))
  if state.err or type(size) == 'table' or type(out) == 'table' then
    return nil
  end
  foreign_keys[name] = false
  local lane = { name = name, mark = mark, size = size, out = out, confirmed = false, last_start = false }
  for i = 1, #state, 2 do
    lane[state[i]] = state[i + 1]
  end
  return lane
end

-- What the decisions about a lane rest on, as `parse_health` reads it: its health, a field a line.
local function health(lane)
  return table.concat({ lane.failures or '', lane.failing_since or '', lane.failing_for or '',
    lane.last_failure or '', lane.confirmed or '', lane.slow or '', lane.mark or '' }, '\n')
end

-- The same behind the times that its next start depends on.
local function facts(lane)
  return table.concat({ lane.next_start or '', lane.next_probe or '', lane.paused_until or '',
    health(lane) }, '\n')
end

-- Writes fields of the lane; an empty one is removed.
local function write_fields(lane, fields)
  local set, removed = {}, {}
  for field, text in pairs(fields) do
    lane[field] = text ~= '' and text or false
    table.insert(text ~= '' and set or removed, field)
    table.insert(text ~= '' and set or {}, text)
  end
  if #set > 0 then
    redis.call('HSET', state_key(lane.name), unpack(set))
  end
  if #removed > 0 then
    redis.call('HDEL', state_key(lane.name), unpack(removed))
  end
end

-- Adds to a sorted set, or takes from it, what a list names; scores come before their members. Returns
-- how many were added or removed.
local function add_all(key, scored)
  return #scored > 0 and redis.call('ZADD', key, unpack(scored)) or 0
end
local function remove_all(key, members)
  return #members > 0 and redis.call('ZREM', key, unpack(members)) or 0
end

-- Puts lanes where they are looked at next; `least` (ms by lane, or none): not before. `first` of a lane:
-- when its first delivery is due, where that is known.
local function schedule_all(read, least)
  local scored, empty = {}, {}
  for _, lane in ipairs(read) do
    local at = next_look(lane.name, lane, least and least[lane.name], lane.first)
    if at then
      table.insert(scored, milliseconds(at))
      table.insert(scored, lane.name)
    else
      table.insert(empty, lane.name)
    end
  end
  add_all(lanes, scored)
  remove_all(lanes, empty)
end

-- A receiver is well again: what waits in the lane until later than `after`, such as for the end of a
-- long schedule, becomes due soon, in its order and one after the other. A part at a time, so that no
-- script holds up the server; due.lua goes on.
local FORWARD_AT_ONCE, FORWARD_EVERY_MS = 200, 50
local function bring_forward(name, after)
  local later = redis.call('ZRANGE', lane_key(name), '(' .. milliseconds(after), '+inf', 'BYSCORE',
    'LIMIT', 0, FORWARD_AT_ONCE)
  local at = math.max(now, after)
  for _, id in ipairs(later) do
    if not redis.call('ZSCORE', out_key(name), id) then -- else it is being sent
      at = at + FORWARD_EVERY_MS
      redis.call('ZADD', lane_key(name), 'LT', milliseconds(at), id)
    end
  end
  if #later == FORWARD_AT_ONCE then
    redis.call('HSET', state_key(name), 'forward', milliseconds(at))
  else
    redis.call('HDEL', state_key(name), 'forward')
  end
end

local function leave(name, id)
  redis.call('ZREM', lane_key(name), id)
  redis.call('ZREM', out_key(name), id)
end

-- Stops a script before it writes where a key of the lane holds something else.
local function inspect(name)
  local key = foreign_key(name)
  if key then
    error({ err = 'WRONGTYPE ' .. key })
  end
end

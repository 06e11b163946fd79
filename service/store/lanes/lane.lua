-- Lanes, one for each subscriber: a part of other scripts. It uses: now, lanes.
-- What is decided about a lane is decided in health.py and allotment.py; here it is kept.

-- include deliveries/queue

-- A delivery of the lane becomes due at a time.
local function queue(name, id, at)
  redis.call('ZADD', place_of(name), at, id)
end

-- What the decisions about a lane rest on, as `parse_health` reads it: its health, a field a line.
local function health(name)
  local f = redis.call('HMGET', state_key(name), 'failures', 'failing_since', 'failing_for',
    'last_failure', 'confirmed', 'slow')
  local mark = redis.call('HGET', disabled_key(), name)
  return table.concat({ f[1] or '', f[2] or '', f[3] or '', f[4] or '', f[5] or '', f[6] or '',
    mark or '' }, '\n')
end

-- The same for the times that its next start depends on.
local function pace(name)
  local f = redis.call('HMGET', state_key(name), 'next_start', 'next_probe', 'paused_until')
  return table.concat({ f[1] or '', f[2] or '', f[3] or '' }, '\n')
end

-- Writes fields of the lane; an empty one is removed.
local function write_fields(name, fields)
  for field, text in pairs(fields) do
    if text == '' then
      redis.call('HDEL', state_key(name), field)
    else
      redis.call('HSET', state_key(name), field, text)
    end
  end
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

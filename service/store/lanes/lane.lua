-- Lanes, one for each subscriber: a part of other scripts. It uses: now, lanes.
-- What is decided about a lane is decided in health.py and allotment.py; here it is kept.

-- include deliveries/queue

-- What the decisions about a lane rest on, as `parse_health` reads it: its health, a field a line.
local function health(name)
  local f = redis.call('HMGET', state_key(name), 'failures', 'failing_since', 'confirmed', 'slow')
  local mark = redis.call('HGET', disabled_key(), name)
  return table.concat({ f[1] or '', f[2] or '', f[3] or '', f[4] or '', mark or '' }, '\n')
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

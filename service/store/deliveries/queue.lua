-- What waits in a lane, and when it is looked at: a part of other scripts. It uses: now, lanes.

local PROBE_EVERY_MS = 60000 -- as PROBE_EVERY in health.py
local MAX_PAUSE_MS = 3600000 -- as MAX_LANE_PAUSE in health.py

-- The key of a lane that holds something else, if one does: only its own subscriber waits until that
-- key is gone.
local foreign_keys = {}
local function foreign_key(name)
  if foreign_keys[name] == nil then
    foreign_keys[name] = false
    for i, key in ipairs({ lane_key(name), state_key(name), out_key(name) }) do
      if type(redis.pcall(i == 2 and 'HLEN' or 'ZCARD', key)) == 'table' then
        foreign_keys[name] = key
        redis.call('ZCARD', aside_key(name))
        break
      end
    end
  end
  return foreign_keys[name]
end

local function number(text) return text and tonumber(text) or 0 end
local function milliseconds(at) return string.format('%.3f', at) end

-- A time of the lane, at most so many ms ahead. After a server's clock was set back, or another server
-- took over, a later one would keep the lane waiting until that one has caught up. `times`: as Redis holds them.
local function kept_time(name, times, field, most)
  local at = number(times[field])
  if at > now + most then
    at = now + most
    times[field] = milliseconds(at)
    redis.call('HSET', state_key(name), field, times[field])
  end
  return at
end

-- When the lane is looked at next: when its first delivery is due (`first`, if known), not before the end of a
-- pause nor the next probe; among lanes that are due, the one that has waited longest comes first. Nil: none.
local function next_look(name, times, least, first)
  first = first or redis.call('ZRANGE', lane_key(name), 0, 0, 'WITHSCORES')[2]
  return first and math.max(number(first), kept_time(name, times, 'paused_until', MAX_PAUSE_MS),
    kept_time(name, times, 'next_probe', PROBE_EVERY_MS), kept_time(name, times, 'last_start', 0),
    least or 0)
end

-- Puts the lane where it is looked at next.
local function schedule(name)
  if foreign_key(name) then -- the next look reports it
    redis.call('ZADD', lanes, 'NX', now, name)
    return
  end
  local f = redis.call('HMGET', state_key(name), 'paused_until', 'next_probe', 'last_start')
  local at = next_look(name, { paused_until = f[1], next_probe = f[2], last_start = f[3] })
  if at then redis.call('ZADD', lanes, milliseconds(at), name) else redis.call('ZREM', lanes, name) end
end

-- Where deliveries of the lane wait.
local function place_of(name) return foreign_key(name) and aside_key(name) or lane_key(name) end

-- Lanes, one for each subscriber: a part of other scripts. It uses: now, lanes.

local FAILURES = 5 -- in a row, that open a lane's circuit
local PROBE = 60000 -- ms between two tries while it is open
local LONGEST_REST = 3600000 -- ms for which a receiver is left alone at most
local SLOW = 1000 -- ms from which an answer is slow

-- The key of a lane that holds something else, if any does: nobody but its own subscriber is to wait
-- until it is mended.
local foreign_keys = {}
local function foreign_key(name)
  if foreign_keys[name] == nil then
    foreign_keys[name] = false
    for _, read in ipairs({ { 'ZCARD', lane_key(name) }, { 'HLEN', state_key(name) },
        { 'ZCARD', out_key(name) } }) do
      if type(redis.pcall(unpack(read))) == 'table' then
        foreign_keys[name] = read[2]
        redis.call('ZCARD', aside_key(name))
        break
      end
    end
  end
  return foreign_keys[name]
end

local function number(text)
  return text and tonumber(text) or 0
end

-- A time that the lane keeps, so many ms ahead at most: a server whose clock was set back, or another
-- that took its place, would leave the lane alone until its own clock has caught up.
local function kept_time(name, field, text, most)
  local at = number(text)
  if at > now + most then
    at = now + most
    redis.call('HSET', state_key(name), field, string.format('%.3f', at))
  end
  return at
end

-- Puts the lane where it is looked at next: when its first delivery is due, but not before a
-- receiver's rest is over, nor before the next probe; among lanes that are due, the one that has
-- waited longest comes first.
local function schedule(name, least)
  if foreign_key(name) then -- whoever looks at it says so
    redis.call('ZADD', lanes, 'NX', now, name)
    return
  end
  local first = redis.call('ZRANGE', lane_key(name), 0, 0, 'WITHSCORES')
  if not first[2] then
    redis.call('ZREM', lanes, name)
    return
  end
  local rest, probe, failures, served =
    unpack(redis.call('HMGET', state_key(name), 'paused_until', 'next_probe', 'failures', 'last_start'))
  local at = math.max(number(first[2]), kept_time(name, 'paused_until', rest, LONGEST_REST),
    kept_time(name, 'last_start', served, 0), least or 0)
  if number(failures) >= FAILURES then
    at = math.max(at, kept_time(name, 'next_probe', probe, PROBE))
  end
  redis.call('ZADD', lanes, string.format('%.3f', at), name)
end

-- A delivery of the lane becomes due at a time.
local function queue(name, id, at, option)
  local key = foreign_key(name) and aside_key(name) or lane_key(name)
  if option then
    redis.call('ZADD', key, option, at, id)
  else
    redis.call('ZADD', key, at, id)
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

-- Lanes, one for each subscriber: a part of other scripts. Around it stand: prefix, now, lanes.

local FAILURES = 5 -- in a row, that open a lane's circuit
local PROBE = 60000 -- ms between two tries while it is open
local LONGEST_REST = 3600000 -- ms for which a receiver is left alone at most

local function lane_key(name)
  return prefix .. 'lane:' .. name
end
local function state_key(name)
  return prefix .. 'lane:' .. name .. ':state'
end
local function out_key(name)
  return prefix .. 'lane:' .. name .. ':out'
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
  local first = redis.call('ZRANGE', lane_key(name), 0, 0, 'WITHSCORES')
  if not first[2] then
    redis.call('ZREM', lanes, name)
    return
  end
  local rest, probe, failures, served =
    unpack(redis.call('HMGET', state_key(name), 'rest', 'probe', 'failures', 'served'))
  local at = math.max(number(first[2]), kept_time(name, 'rest', rest, LONGEST_REST),
    kept_time(name, 'served', served, 0), least or 0)
  if number(failures) >= FAILURES then
    at = math.max(at, kept_time(name, 'probe', probe, PROBE))
  end
  redis.call('ZADD', lanes, string.format('%.3f', at), name)
end

-- A delivery of the lane becomes due at a time.
local function queue(name, id, at, option)
  if option then
    redis.call('ZADD', lane_key(name), option, at, id)
  else
    redis.call('ZADD', lane_key(name), at, id)
  end
end

local function leave(name, id)
  redis.call('ZREM', lane_key(name), id)
  redis.call('ZREM', out_key(name), id)
end

-- Reads all keys of a lane, so that one of the wrong type stops a script before it writes.
local function inspect(name)
  redis.call('ZCARD', lane_key(name))
  redis.call('HLEN', state_key(name))
  redis.call('ZCARD', out_key(name))
end

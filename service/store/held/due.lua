-- What is told of together: that which has been due the longest.
--
-- KEYS  stream
-- ARGV  key prefix
-- Returns nil when none is due, else: its bundle, since when it is due (ms), a digest of what it holds,
--   for each event, the best one first: id, score, subscribers of its alert, when it was made; and now (ms).

-- A bundle of which a key holds something else is looked at again later: others do not wait for it.

local PAUSE = 60000 -- ms

-- include keys

local summaries = bundles_key()

-- include held/bundle

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bundle, till =
  unpack(redis.call('ZRANGE', summaries, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES'))
if not bundle then
  return false
end
local function read()
  local events = {}
  local held, digest = contents(bundle)
  for i = 1, #held, 2 do
    local subscribers, at =
      unpack(redis.call('HMGET', alert_key(held[i]), 'subscribers', 'at'))
    table.insert(events, { held[i], held[i + 1], subscribers or '', at or '' })
  end
  return { bundle, till, digest, events, now }
end

local function foreign_key()
  local key = held_key(bundle)
  if redis.call('TYPE', key).ok ~= 'zset' then
    return key
  end
  for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if redis.call('TYPE', alert_key(id)).ok ~= 'hash' then
      return alert_key(id)
    end
  end
end

local good, found = pcall(read)
if good then
  return found
end
redis.call('ZADD', summaries, 'XX', now + PAUSE, bundle)
return redis.error_reply('WRONGTYPE ' .. (foreign_key() or bundle))

#!lua
-- Tells of what was held together: writes the summaries, and lets the held events go.
--
-- KEYS  stream
-- ARGV  key prefix, time (RFC 3339), retention of alerts (ms), bundle, since when it is
--       due (ms), digest of what it held, the watchlist that it
--       is about (or empty), number of summaries, these as `events.lua` reads them; number of events
--       that a silence mutes; each: id, field, text
-- Returns 1, or 0 when somebody else did it, or more is held by now: to be read again.

-- include keys

local lanes, pending = lanes_key(), deliveries_key('pending')
local bell, summaries = bell_key(), bundles_key()

-- include deliveries/arguments

local at, keep, bundle, till, holds = take(), take(), take(), take(), take()
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include lanes/lane

-- include deliveries/events

-- include held/bundle

redis.call('ZCARD', lanes)
redis.call('ZCARD', pending)
local ring = redis.call('LLEN', bell) == 0
local about = { watchlist = take(), article = '' }
local held = held_key(bundle)
local events = take_list(take(), read_event)
local muted = take_list(take(), function() return { take(), take(), take() } end)
local known = redis.call('ZSCORE', summaries, bundle)
local _, digest = contents(bundle)
if not known or digest ~= holds then
  return 0
end

for _, event in ipairs(events) do
  send(about, event)
  remember(event.id, till)
end
for _, one in ipairs(muted) do
  if redis.call('EXISTS', alert_key(one[1])) == 1 then
    redis.call('HSET', alert_key(one[1]), one[2], one[3])
  end
end
for _, id in ipairs(redis.call('ZRANGE', held, 0, -1)) do
  local key = alert_key(id)
  redis.call('HDEL', key, 'held')
  if redis.call('HINCRBY', key, 'open', -1) <= 0 then
    redis.call('PEXPIRE', key, keep)
  end
end
redis.call('DEL', held)
redis.call('ZREM', summaries, bundle)
if deliveries > 0 and ring then
  redis.call('RPUSH', bell, 1)
end
return 1

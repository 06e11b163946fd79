#!lua
-- Sends subscribers a report of faults in rules files, unless they know of these faults.
--
-- KEYS  stream
-- ARGV  key prefix, time (RFC 3339), retention of alerts (ms), digest of the faults (empty: there are
--       none), and an event as `events.lua` reads it
-- Returns 1 where it was sent.

-- include keys

local rules, lanes, pending = rules_key(), lanes_key(), deliveries_key('pending')
local bell, summaries = bell_key(), bundles_key()

-- include deliveries/arguments

local at, keep, faults = take(), take(), take()
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include lanes/lane

-- include deliveries/events

redis.call('ZCARD', lanes)
redis.call('ZCARD', pending)
local ring = redis.call('LLEN', bell) == 0
local event = read_event()
if (redis.call('HGET', rules, 'reported') or '') == faults then
  return 0
end
if event.type == '' and faults ~= '' then -- nobody wants to hear of them: whoever does later, shall
  return 0
end
redis.call('HSET', rules, 'reported', faults)
if event.type == '' then
  return 0
end
send({ watchlist = '', article = '' }, event)
remember(event.id, faults)
if deliveries > 0 and ring then
  redis.call('RPUSH', bell, 1)
end
return 1

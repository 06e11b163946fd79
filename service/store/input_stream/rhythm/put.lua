-- Writes what slots have changed, and sends the reports about it, unless another process was first.
--
-- KEYS  stream
-- ARGV  key prefix, time (RFC 3339), retention of alerts (ms), the version that it rests on; how many
--       fields of the head, each with its value; how many series, each with its state (empty: it stays
--       as it is), unit and place at which it is due; how many that are dropped, each; how many that
--       are quiet, each with its JSON; how many that are back, each; how many events, each as
--       `events.lua` reads it
-- Returns 1; 0 where another process has written since.

-- include keys

local head, series, quiet = rhythm_key(), rhythms_key(), quiet_key()
local lanes, pending = lanes_key(), deliveries_key('pending')
local bell, summaries = bell_key(), bundles_key()

-- include deliveries/arguments

local at, keep, version = take(), take(), take()
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include lanes/lane

-- include deliveries/events

local function take_pair()
  return { take(), take() }
end
local function take_series()
  return { name = take(), state = take(), unit = take(), place = take() }
end

redis.call('ZCARD', lanes)
redis.call('ZCARD', pending)
redis.call('HLEN', series)
redis.call('HLEN', quiet)
redis.call('ZCARD', rhythm_due_key('slot'))
redis.call('ZCARD', rhythm_due_key('article'))
local ring = redis.call('LLEN', bell) == 0
if (redis.call('HGET', head, 'version') or '0') ~= version then
  return 0
end
local fields = take_list(take(), take_pair)
local changed = take_list(take(), take_series)
local dropped = take_list(take(), take)
local gone_quiet = take_list(take(), take_pair)
local back = take_list(take(), take)
local events = take_list(take(), read_event)

for _, one in ipairs(fields) do redis.call('HSET', head, one[1], one[2]) end
redis.call('HSET', head, 'version', version + 1)
for _, one in ipairs(changed) do
  if one.state ~= '' then redis.call('HSET', series, one.name, one.state) end
  redis.call('ZADD', rhythm_due_key(one.unit), one.place, one.name)
end
for _, name in ipairs(dropped) do
  redis.call('HDEL', series, name)
  redis.call('HDEL', quiet, name)
  redis.call('ZREM', rhythm_due_key('slot'), name)
  redis.call('ZREM', rhythm_due_key('article'), name)
end
for _, one in ipairs(gone_quiet) do redis.call('HSET', quiet, one[1], one[2]) end
for _, name in ipairs(back) do redis.call('HDEL', quiet, name) end
for _, event in ipairs(events) do
  send({ watchlist = '', article = '' }, event)
  remember(event.id, '')
end
if deliveries > 0 and ring then
  redis.call('RPUSH', bell, 1)
end
return 1

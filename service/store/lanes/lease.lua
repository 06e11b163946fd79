#!lua
-- Leases deliveries: each starts an attempt, and is due again when its lease ends.
--
-- How many deliveries a lane may start was decided in allotment.py, for the lane as due.lua found it.
-- A lane that has changed since gets none; it stays due, and is looked at again at once. The limit of
-- deliveries in flight is checked here, because several workers start them at the same time.
--
-- KEYS  stream
-- ARGV  key prefix, request (JSON): `lease` (ms), `grace` (ms for which a delivery of another worker
--       is left to it), `token` (of the holder), `started` (RFC 3339), `worker`, `keep` (retention,
--       ms), `lanes`; each: `name`, `health`, `pace` and `in_flight` (as due.lua found them), `deliveries`
--       (how many may start), `max_in_flight`, `look_again` (ms; 0: when the next delivery is due), `refusal`
--       (why its deliveries fail unsent; absent: they do not), `fields` (of its state, written now),
--       `start_fields` (written where a delivery starts), `next_start` (ms; absent: it has no rate)
-- Returns three lists. Leased; each: delivery, event, subscriber, attempt, attempts before this schedule,
--       body, `forced`, ms since it was due, ms since the article was added (-1: not the first event of an
--       alert), its event's traceparent (or ''). Unreadable; each: delivery, subscriber, the key that holds
--       something else. Vanished, with all that was known of them; each: delivery, subscriber.

-- include keys

local lanes, bell = lanes_key(), bell_key()
local pending, failed = deliveries_key('pending'), deliveries_key('failed')
local request = cjson.decode(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local REFUSED_AT_ONCE = 100 -- deliveries of a disabled subscriber
local GONE = "the event's text is gone from Redis: was its key deleted or evicted?"

-- include lanes/lane

redis.call('ZCARD', pending)
redis.call('ZCARD', failed)
local ring = redis.call('LLEN', bell) == 0
local leased, unreadable, vanished = {}, {}, {}

-- One delivery with its event. Each key is read by itself: one that holds something else, `foreign`,
-- must not keep the others from being sent.
local function read_delivery(id)
  local one = { id = id, key = delivery_key(id) }
  local found = redis.pcall('HMGET', one.key, 'state', 'alert', 'base', 'forced', 'token')
  if found.err then
    one.foreign = one.key
    return one
  end
  one.alert, one.base, one.forced, one.held = found[2], number(found[3]), found[4], found[5]
  one.gone = not found[1]
  one.pending = found[1] == 'pending' and one.alert
  if one.pending then
    one.event_key = alert_key(one.alert)
    local event = redis.pcall('HMGET', one.event_key, 'body', 'open', 'entry', 'trace')
    if event.err then
      one.foreign = one.event_key
    else
      one.body, one.open, one.entry, one.trace = event[1], event[2], event[3], event[4]
    end
  end
  return one
end

local function start(lane, one)
  local attempt = redis.call('HINCRBY', one.key, 'attempts', 1)
  local record = cjson.encode({ at = request.started, worker = request.worker })
  redis.call('HSET', one.key, 'token', request.token, attempt_field(attempt), record)
  local forced = one.forced
  if lane.mark then -- its success lifts this mark, and no later one
    forced = lane.mark
    redis.call('HSET', one.key, 'forced', forced)
  end
  queue(lane.name, one.id, now + request.lease)
  redis.call('ZADD', out_key(lane.name), now + request.lease, one.id)
  local added = one.entry and tonumber(one.entry:match('^%d+'))
  table.insert(leased, { one.id, one.alert, lane.name, attempt, one.base, one.body, forced or '',
    math.floor(now - one.due), added and math.floor(now - added) or -1, one.trace or '' })
end

-- A delivery that cannot be sent, or shall not be, fails unsent: it is kept, and can be recovered.
local function refuse(lane, one, reason)
  redis.call('HSET', one.key, 'state', 'failed', 'note', reason)
  redis.call('HDEL', one.key, 'token', 'forced')
  leave(lane.name, one.id)
  redis.call('ZREM', pending, one.id)
  redis.call('ZADD', failed, now, one.id)
  redis.call('PEXPIRE', one.key, request.keep)
  if one.open and redis.call('HINCRBY', one.event_key, 'open', -1) <= 0 then
    redis.call('PEXPIRE', one.event_key, request.keep)
  end
end

-- Starts the delivery, or takes it out of the way; 1 when it has started.
local function handle(lane, id, due, free)
  local one = read_delivery(id)
  one.due = tonumber(due)
  if one.foreign then
    table.insert(unreadable, { id, lane.name, one.foreign })
  end
  if one.gone then
    table.insert(vanished, { id, lane.name })
    redis.pcall('HINCRBY', progress_key(), 'lost_deliveries', 1)
  end
  if not one.pending then -- it has ended or is gone, or its key holds something else
    leave(lane.name, id)
    redis.call('ZREM', pending, id)
  elseif one.held and request.grace > 0 then
    queue(lane.name, id, now + request.grace)
  elseif one.foreign then
    refuse(lane, one, 'Redis key ' .. one.foreign .. ' holds something else than its event')
  elseif lane.refusal and not one.forced then
    refuse(lane, one, lane.refusal)
  elseif not one.body then
    refuse(lane, one, GONE)
  elseif free > 0 then
    start(lane, one)
    return 1
  end
  return 0
end

local function serve(lane)
  if foreign_key(lane.name) or health(lane.name) ~= lane.health or pace(lane.name) ~= lane.pace then
    return
  end
  local in_flight = redis.call('ZCARD', out_key(lane.name))
  -- Some ended meanwhile, and their worker made the lane due: to put it off now would leave what
  -- waits until the next lease ends.
  if lane.deliveries == 0 and in_flight < lane.in_flight then
    return
  end
  write_fields(lane.name, lane.fields)
  local free = math.min(lane.deliveries, lane.max_in_flight - in_flight)
  local most = lane.refusal and REFUSED_AT_ONCE or free
  local waiting = most < 1 and {} -- ids, each with the time from which it is due
    or redis.call('ZRANGE', lane_key(lane.name), '-inf', now, 'BYSCORE', 'LIMIT', 0, most, 'WITHSCORES')
  local started = 0
  for i = 1, #waiting, 2 do
    started = started + handle(lane, waiting[i], waiting[i + 1], free - started)
  end
  local look_again = lane.look_again
  if started > 0 then
    redis.call('HSET', state_key(lane.name), 'last_start', milliseconds(now))
    write_fields(lane.name, lane.start_fields)
    look_again = lane.next_start or look_again
  end
  schedule(lane.name, look_again)
end

for _, lane in ipairs(request.lanes) do
  if lane.refusal then
    lane.mark = redis.call('HGET', disabled_key(), lane.name)
  end
  serve(lane)
end

-- One ring wakes one worker: while more is due, each wakes the next.
if ring and #redis.call('ZRANGE', lanes, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1) > 0 then
  redis.call('RPUSH', bell, 1)
end
return { leased, unreadable, vanished }

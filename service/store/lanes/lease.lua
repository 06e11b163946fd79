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
-- Returns four lists. Events, each once however many receive it: id, body, ms since the article was added
--       (-1: not the first event of an alert), traceparent (or ''). Leased; each: delivery, number of its event
--       (from 0), subscriber, attempt, attempts before this schedule, `forced`, ms since it was due. Unreadable; each: delivery, subscriber, the key that holds
--       something else. Vanished, with all that was known of them; each: delivery, subscriber.

-- include keys

local lanes, bell = lanes_key(), bell_key()
local pending, failed = deliveries_key('pending'), deliveries_key('failed')
local request = cjson.decode(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local REFUSED_AT_ONCE = 100 -- deliveries of a disabled subscriber
local record = cjson.encode({ at = request.started, worker = request.worker })
local GONE = "the event's text is gone from Redis: was its key deleted or evicted?"

-- include lanes/lane

redis.call('ZCARD', pending)
redis.call('ZCARD', failed)
local ring = redis.call('LLEN', bell) == 0
local sent_events, leased, unreadable, vanished = {}, {}, {}, {}
local events = {} -- by id; false: its key holds something else

local function read_event(id)
  if events[id] == nil then
    local found = redis.pcall('HMGET', alert_key(id), 'body', 'open', 'entry', 'trace')
    events[id] = not found.err
      and { id = id, body = found[1], open = found[2], entry = found[3], trace = found[4] }
  end
  return events[id]
end

-- The number of an event among those that are sent.
local function number_of(event)
  if not event.number then
    local added = event.entry and tonumber(event.entry:match('^%d+'))
    event.number = #sent_events
    table.insert(sent_events,
      { event.id, event.body, added and math.floor(now - added) or -1, event.trace or '' })
  end
  return event.number
end

-- One delivery with its event. Each key is read by itself: one that holds something else, `foreign`,
-- must not keep the others from being sent.
local function read_delivery(id)
  local one = { id = id, key = delivery_key(id) }
  local found = redis.pcall('HMGET', one.key, 'state', 'alert', 'base', 'forced', 'token', 'attempts')
  if found.err then
    one.foreign = one.key
    return one
  end
  one.alert, one.base, one.forced, one.held = found[2], number(found[3]), found[4], found[5]
  one.attempts = number(found[6])
  one.gone = not found[1]
  one.pending = found[1] == 'pending' and one.alert
  if one.pending then
    one.event_key = alert_key(one.alert)
    one.event = read_event(one.alert)
    if not one.event then
      one.foreign = one.event_key
    end
  end
  return one
end

local function start(lane, one)
  local attempt = one.attempts + 1
  local forced = one.forced
  if lane.mark then -- its success lifts this mark, and no later one
    forced = lane.mark
    redis.call('HSET', one.key, 'forced', forced)
  end
  redis.call('HSET', one.key, 'attempts', attempt, 'token', request.token, attempt_field(attempt), record)
  table.insert(lane.started, now + request.lease)
  table.insert(lane.started, one.id)
  table.insert(leased, { one.id, number_of(one.event), lane.name, attempt, one.base, forced or '',
    math.floor(now - one.due) })
end

-- A delivery that cannot be sent, or shall not be, fails unsent: it is kept, and can be recovered.
local function refuse(lane, one, reason)
  redis.call('HSET', one.key, 'state', 'failed', 'note', reason)
  redis.call('HDEL', one.key, 'token', 'forced')
  leave(lane.name, one.id)
  redis.call('ZREM', pending, one.id)
  redis.call('ZADD', failed, now, one.id)
  redis.call('PEXPIRE', one.key, request.keep)
  if one.event and one.event.open and redis.call('HINCRBY', one.event_key, 'open', -1) <= 0 then
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
  elseif not one.event.body then
    refuse(lane, one, GONE)
  elseif free > 0 then
    start(lane, one)
    return 1
  end
  return 0
end

local served, look_again = {}, {} -- lanes as they were read, and before when none is looked at

local function serve(lane, known)
  if not known or health(known) ~= lane.health or pace(known) ~= lane.pace then
    return
  end
  -- Some ended meanwhile, and their worker made the lane due: to put it off now would leave what
  -- waits until the next lease ends.
  if lane.deliveries == 0 and known.out < lane.in_flight then
    return
  end
  write_fields(known, lane.fields)
  local free = math.min(lane.deliveries, lane.max_in_flight - known.out)
  local most = lane.refusal and REFUSED_AT_ONCE or free
  local waiting = most < 1 and {} -- ids, each with the time from which it is due
    or redis.call('ZRANGE', lane_key(lane.name), '-inf', now, 'BYSCORE', 'LIMIT', 0, most, 'WITHSCORES')
  local started = 0
  lane.started, lane.mark = {}, lane.refusal and known.mark
  for i = 1, #waiting, 2 do
    started = started + handle(lane, waiting[i], waiting[i + 1], free - started)
  end
  look_again[lane.name] = lane.look_again
  if started > 0 then
    add_all(lane_key(lane.name), lane.started)
    add_all(out_key(lane.name), lane.started)
    lane.start_fields.last_start = milliseconds(now)
    write_fields(known, lane.start_fields)
    look_again[lane.name] = lane.next_start or lane.look_again
  end
  table.insert(served, known)
end

local names = {}
for i, lane in ipairs(request.lanes) do
  names[i] = lane.name
end
local marks = disabled_marks(names)
for i, lane in ipairs(request.lanes) do
  serve(lane, read_lane(lane.name, marks[i]))
end
schedule_all(served, look_again)

-- One ring wakes one worker: while more is due, each wakes the next.
if ring and #redis.call('ZRANGE', lanes, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1) > 0 then
  redis.call('RPUSH', bell, 1)
end
return { sent_events, leased, unreadable, vanished }

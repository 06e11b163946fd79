#!lua
-- Leases deliveries: each starts an attempt, and is due again when its lease ends.
--
-- How many deliveries a lane may start was decided in allotment.py, for the lane as due.lua found it.
-- A lane that has changed since gets none; it stays due, and is looked at again at once. The limit of
-- deliveries in flight is checked here, because several workers start them at the same time.
--
-- KEYS  stream
-- ARGV  key prefix, lease (ms), ms for which a delivery of another worker is left to it, token of the
--       holder, time (RFC 3339), worker, retention (ms); then lanes, each: name, its facts and how many are in
--       flight (as due.lua found them), how many deliveries may start, most in flight, when it is looked at
--       again (ms; 0: when the next delivery is due), why its deliveries fail unsent ('': they do not), and of
--       its state what is written now for `next_start`, and where a delivery starts for `next_start` and
--       `next_probe` ('': nothing)
-- Returns now (ms) and four lists. Events, each once however many receive it, a text with a fact a line and
--       its body: id, entry of the article (none: not the first event of an alert), traceparent (or none).
--       Leased, each a text: delivery, number of its event (from 0), subscriber, attempts before this one and
--       before this schedule, ms at which it was due, `forced`. Unreadable; each: delivery, subscriber, the key
--       that holds something else. Vanished, with all that was known of them; each: delivery, subscriber.

-- include keys

local lanes, bell = lanes_key(), bell_key()
local pending, failed = deliveries_key('pending'), deliveries_key('failed')
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local MAX_BODIES = 8 * 1024 * 1024 -- bytes after which no further lane is served: bodies may be long
local REFUSED_AT_ONCE = 100 -- deliveries of a disabled subscriber
local GONE = "the event's text is gone from Redis: was its key deleted or evicted?"

-- include deliveries/arguments

local lease, grace, token = tonumber(take()), tonumber(take()), take()
local record = cjson.encode({ at = take(), worker = take() })
local keep = take()

-- include lanes/lane

redis.call('ZCARD', pending)
redis.call('ZCARD', failed)
local ring = redis.call('LLEN', bell) == 0
local sent_events, leased, unreadable, vanished = {}, {}, {}, {}
local events = {} -- by id; false: its key holds something else
local bytes = 0 -- of the events that are sent

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
    event.number = tostring(#sent_events / 2) -- once: to write numbers as texts takes long
    table.insert(sent_events, table.concat({ event.id, event.entry or '', event.trace or '' }, '\n'))
    table.insert(sent_events, event.body)
    bytes = bytes + #event.body
  end
  return event.number
end

-- One delivery with its event. Each key is read by itself: one that holds something else, `foreign`,
-- must not keep the others from being sent.
local function read_delivery(id)
  local key = delivery_key(id)
  local found = redis.pcall('HMGET', key, 'state', 'alert', 'base', 'forced', 'token', 'attempts')
  if found.err then
    return { id = id, key = key, foreign = key }
  end
  local alert = found[1] == 'pending' and found[2]
  local event = alert and read_event(alert)
  return { id = id, key = key, alert = found[2], base = found[3] or '0', forced = found[4], held = found[5],
    attempts = found[6] or '0', gone = not found[1], pending = alert, event = event,
    foreign = alert and not event and alert_key(alert) }
end

local function start(lane, one)
  local attempt = number(one.attempts) + 1
  local forced = one.forced
  if lane.mark then -- its success lifts this mark, and no later one
    forced = lane.mark
    redis.call('HSET', one.key, 'forced', forced)
  end
  redis.call('HSET', one.key, 'attempts', attempt, 'token', token, attempt_field(attempt), record)
  table.insert(lane.started, now + lease)
  table.insert(lane.started, one.id)
  table.insert(leased, table.concat({ one.id, number_of(one.event), lane.name, one.attempts, one.base,
    one.due, forced or '' }, '\n'))
end

-- A delivery that cannot be sent, or shall not be, fails unsent: it is kept, and can be recovered.
local function refuse(lane, one, reason)
  redis.call('HSET', one.key, 'state', 'failed', 'note', reason)
  redis.call('HDEL', one.key, 'token', 'forced')
  leave(lane.name, one.id)
  redis.call('ZREM', pending, one.id)
  redis.call('ZADD', failed, now, one.id)
  redis.call('PEXPIRE', one.key, keep)
  if one.event and one.event.open and redis.call('HINCRBY', alert_key(one.alert), 'open', -1) <= 0 then
    redis.call('PEXPIRE', alert_key(one.alert), keep)
  end
end

-- Starts the delivery, or takes it out of the way; 1 when it has started.
local function handle(lane, id, due, free)
  local one = read_delivery(id)
  one.due = due
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
  elseif one.held and grace > 0 then
    queue(lane.name, id, now + grace)
  elseif one.foreign then
    refuse(lane, one, 'Redis key ' .. one.foreign .. ' holds something else than its event')
  elseif lane.refusal ~= '' and not one.forced then
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
  if not known or facts(known) ~= lane.facts then
    return
  end
  -- Some ended meanwhile, and their worker made the lane due: to put it off now would leave what
  -- waits until the next lease ends.
  if lane.deliveries == 0 and known.out < lane.in_flight then
    return
  end
  local refuses = lane.refusal ~= ''
  if lane.corrected_start ~= '' then
    write_fields(known, { next_start = lane.corrected_start })
  end
  local free = bytes < MAX_BODIES and math.min(lane.deliveries, lane.max_in_flight - known.out) or 0
  local most = refuses and REFUSED_AT_ONCE or free < 1 and 0 or free + 1 -- and the one after these
  local waiting = most < 1 and {} -- ids, each with the time from which it is due
    or redis.call('ZRANGE', lane_key(lane.name), '-inf', now, 'BYSCORE', 'LIMIT', 0, most, 'WITHSCORES')
  local started = 0
  lane.started, lane.mark = {}, refuses and known.mark
  for i = 1, #waiting, 2 do
    if not refuses and i > 2 * free then
      known.first = waiting[i + 1]
      break
    end
    started = started + handle(lane, waiting[i], waiting[i + 1], free - started)
  end
  look_again[lane.name] = lane.look_again
  if started > 0 then
    add_all(lane_key(lane.name), lane.started)
    add_all(out_key(lane.name), lane.started)
    if started == known.size then
      known.first = now + lease
    end
    known.last_start = milliseconds(now)
    redis.call('HSET', state_key(lane.name), 'last_start', known.last_start)
    if lane.next_start ~= '' then
      write_fields(known, { next_start = lane.next_start })
      look_again[lane.name] = tonumber(lane.next_start)
    end
    if lane.next_probe ~= '' then
      write_fields(known, { next_probe = lane.next_probe })
    end
  end
  table.insert(served, known)
end

local names, asked = {}, {}
while position < #ARGV do
  local lane = { name = take(), facts = take(), in_flight = tonumber(take()), deliveries = tonumber(take()),
    max_in_flight = tonumber(take()), look_again = tonumber(take()), refusal = take(),
    corrected_start = take(), next_start = take(), next_probe = take(), started = false, mark = false }
  table.insert(asked, lane)
  table.insert(names, lane.name)
end
local marks = disabled_marks(names)
for i, lane in ipairs(asked) do
  serve(lane, read_lane(lane.name, marks[i]))
end
schedule_all(served, look_again)

-- One ring wakes one worker: while more is due, each wakes the next.
if ring and #redis.call('ZRANGE', lanes, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1) > 0 then
  redis.call('RPUSH', bell, 1)
end
return { milliseconds(now), sent_events, leased, unreadable, vanished }

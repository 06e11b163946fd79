#!lua
-- Leases deliveries that are due, of several lanes in turn: each starts an attempt, and is due again
-- when its lease ends.
--
-- KEYS  stream
-- ARGV  key prefix, most deliveries, most of them for doubtful lanes, 1 where only lanes with nothing
--       out may have one, lease (ms), the longest delay
--       of a delivery (ms), ms before what another worker held is taken (0: it is), token of the
--       holder, started (RFC 3339), worker, retention (ms), number of lanes; each: subscriber, most
--       out at a time, the same while new or after a failure, ms between two (0: any), ms for which to put
--       the lane off (0: serve it)
-- Returns two lists. Leased; each: id, alert, subscriber, attempt, attempts before this schedule,
--         event, 1 when its lane is doubtful, 1 when an operator asked for it. Not readable; each: id (empty: all of the lane),
--         subscriber, the key that holds something else.
--
-- A lane is doubtful after a failure, until its receiver takes something; and while that takes long.
-- All doubtful lanes together have no more than a share of the worker, so that those which hang or are
-- slow cannot keep it from the others. After a failure a lane has one delivery out at a time; a new
-- one as well, until its first success.

-- include keys

local lanes, disabled, bell = lanes_key(), disabled_key(), bell_key()
local pending, failed = deliveries_key('pending'), deliveries_key('failed')

-- include deliveries/arguments

local limit, doubtful_limit = tonumber(take()), tonumber(take())
local alone = take() == '1'
local lease, longest, grace = tonumber(take()), tonumber(take()), tonumber(take())
local token, started, worker, keep = take(), take(), take(), take()
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local GONE = "the event's text is gone from Redis: was its key deleted or evicted?"

-- include lanes/lane

-- A doubtful lane for which there was no room is looked at again after 250 ms, and the more lanes
-- there are the later: a worker whose share is used up would do nothing but look at them. Lanes that
-- were looked at together stay together, for one look, in the order in which they have waited.
local pause = math.min(250 + redis.call('ZCARD', lanes), 10000)
local looked = 0
local function later()
  looked = looked + 1
  return now + pause + looked / 1000
end

local asked = take_list(tonumber(take()), function()
  local lane = { name = take(), most = tonumber(take()), careful = tonumber(take()),
    gap = tonumber(take()), off = tonumber(take()) }
  lane.foreign = foreign_key(lane.name)
  return lane
end)
redis.call('HLEN', disabled)
redis.call('ZCARD', pending)
redis.call('ZCARD', failed)
local ring = redis.call('LLEN', bell) == 0
local share = math.max(1, math.floor(limit / math.max(1, #asked)))

local leased, foreign = {}, {}

-- When the delivery began that has been on its way the longest, if its lease is as long as ours. No
-- lease is twice as long: one that seems to be was given by a clock that was set back.
local function oldest(out)
  for _, id in ipairs(redis.call('ZRANGE', out, now + 2 * lease, '+inf', 'BYSCORE')) do
    redis.call('ZADD', out, now + lease, id)
  end
  return redis.call('ZRANGE', out, 0, 0, 'WITHSCORES')[2] - lease
end

-- How many deliveries the lane may have now, and when to look again if it is none or too few.
local function room(lane)
  local out = out_key(lane.name)
  redis.call('ZREMRANGEBYSCORE', out, '-inf', now)
  local busy = redis.call('ZCARD', out)
  local waits = busy > 0 and now - oldest(out) or 0
  local state =
    redis.call('HMGET', state_key(lane.name), 'failures', 'paused_until', 'next_probe', 'next_start', 'confirmed', 'slow')
  local failures = number(state[1])
  local rest = kept_time(lane.name, 'paused_until', state[2], LONGEST_REST)
  local probe = kept_time(lane.name, 'next_probe', state[3], PROBE)
  lane.doubtful = failures > 0 or state[6] or waits >= SLOW
  lane.failures = failures
  if rest > now then
    return 0, rest
  end
  if failures >= FAILURES and probe > now then
    return 0, probe
  end
  local most = (failures > 0 or not state[5]) and lane.careful or lane.most
  if lane.doubtful and doubtful_limit < 1 then
    return 0, later()
  end
  if alone then
    if busy > 0 and busy < most then
      return 0, later()
    end
    most = 1
  end
  local free = math.min(most - busy, limit, share, lane.doubtful and doubtful_limit or limit)
  if free < 1 then
    local ends = redis.call('ZRANGE', out, 0, 0, 'WITHSCORES')[2]
    return 0, ends and tonumber(ends) or later()
  end
  if lane.gap > 0 then
    local next_at = kept_time(lane.name, 'next_start', state[4], lane.gap)
    if next_at > now then
      return 0, next_at
    end
    free = 1
  end
  return free, 0
end

-- One delivery with its event. Each key is read by itself: one that holds something else, `foreign`,
-- must not keep all the others from being sent.
local function look(id)
  local one = { id = id, key = delivery_key(id) }
  local found = redis.pcall('HMGET', one.key, 'state', 'alert', 'base', 'forced', 'token')
  if found.err then
    one.foreign = one.key
    return one
  end
  one.alert, one.base, one.forced, one.held = found[2], number(found[3]), found[4], found[5]
  one.pending = found[1] == 'pending' and one.alert
  if one.pending then
    one.event_key = alert_key(one.alert)
    local event = redis.pcall('HMGET', one.event_key, 'body', 'open')
    if event.err then
      one.foreign = one.event_key
    else
      one.body, one.open = event[1], event[2]
    end
  end
  return one
end

local function start(lane, one, why)
  local attempt = redis.call('HINCRBY', one.key, 'attempts', 1)
  local record = cjson.encode({ at = started, worker = worker })
  redis.call('HSET', one.key, 'token', token, attempt_field(attempt), record)
  if why then -- its success lifts this mark, and no later one
    redis.call('HSET', one.key, 'forced', why)
  end
  queue(lane.name, one.id, now + lease)
  redis.call('ZADD', out_key(lane.name), now + lease, one.id)
  table.insert(leased,
    { one.id, one.alert, lane.name, attempt, one.base, one.body, lane.doubtful and 1 or 0,
      one.forced and 1 or 0 })
  limit = limit - 1
  if lane.doubtful then
    doubtful_limit = doubtful_limit - 1
  end
end

-- Why a subscriber is disabled; a mark that somebody wrote by hand is its own reason.
local function reason_of(mark)
  local read, said = pcall(cjson.decode, mark)
  return tostring(read and type(said) == 'table' and said.reason or mark)
end

-- What cannot be sent, or shall not be, fails unsent: it is kept, and can be recovered.
local function refuse(lane, one, reason)
  redis.call('HSET', one.key, 'state', 'failed', 'note', reason)
  redis.call('HDEL', one.key, 'token', 'forced')
  leave(lane.name, one.id)
  redis.call('ZREM', pending, one.id)
  redis.call('ZADD', failed, now, one.id)
  redis.call('PEXPIRE', one.key, keep)
  if one.open and redis.call('HINCRBY', one.event_key, 'open', -1) <= 0 then
    redis.call('PEXPIRE', one.event_key, keep)
  end
end

-- What waited while a key of the lane held something else.
local function take_back(lane)
  local aside = aside_key(lane.name)
  if redis.call('TYPE', aside).ok == 'zset' then
    redis.call('ZUNIONSTORE', lane_key(lane.name), 2, lane_key(lane.name), aside, 'AGGREGATE', 'MIN')
    redis.call('DEL', aside)
  end
end

-- What is due later than anything can be is due now, in its order: the clock was set back.
local function bring_near(lane)
  local far = redis.call('ZRANGE', lane_key(lane.name), now + longest, '+inf', 'BYSCORE')
  for i, id in ipairs(far) do
    redis.call('ZADD', lane_key(lane.name), string.format('%.3f', now - (#far - i) / 1000), id)
  end
end

local function serve(lane)
  if lane.foreign then
    table.insert(foreign, { '', lane.name, lane.foreign })
    redis.call('ZADD', lanes, 'XX', string.format('%.3f', now + PROBE), lane.name)
    return
  end
  take_back(lane)
  bring_near(lane)
  local why = redis.call('HGET', disabled, lane.name)
  local free, again = room(lane)
  local most = why and 100 or free
  local ids = most < 1 and {}
    or redis.call('ZRANGE', lane_key(lane.name), '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
  local started_any = false
  for _, id in ipairs(ids) do
    local one = look(id)
    if one.foreign then
      table.insert(foreign, { id, lane.name, one.foreign })
    end
    if not one.pending then -- ended, vanished, or something else stands there
      leave(lane.name, id)
      redis.call('ZREM', pending, id)
    elseif one.held and grace > 0 then
      queue(lane.name, id, now + grace)
    elseif one.foreign then
      refuse(lane, one, 'Redis key ' .. one.foreign .. ' holds something else than its event')
    elseif why and not one.forced then
      refuse(lane, one, 'its subscriber is disabled: ' .. reason_of(why))
    elseif not one.body then
      refuse(lane, one, GONE)
    elseif free > 0 and limit > 0 then
      free = free - 1
      start(lane, one, why)
      started_any = true
    end
  end
  local state = state_key(lane.name)
  if started_any then
    redis.call('HSET', state, 'last_start', string.format('%.3f', now))
    if lane.failures >= FAILURES then
      redis.call('HSET', state, 'next_probe', string.format('%.0f', now + PROBE))
    end
    if lane.gap > 0 then
      redis.call('HSET', state, 'next_start', string.format('%.0f', now + lane.gap))
      again = now + lane.gap
    end
  end
  schedule(lane.name, again)
end

for _, lane in ipairs(asked) do
  if limit < 1 then
    break
  end
  if lane.off > 0 then
    redis.call('ZADD', lanes, 'XX', string.format('%.3f', now + lane.off), lane.name)
  else
    serve(lane)
  end
end

-- One ring wakes one worker: while more is due, each wakes the next.
if ring and #redis.call('ZRANGE', lanes, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1) > 0 then
  redis.call('RPUSH', bell, 1)
end
return { leased, foreign }

#!lua
-- Leases deliveries that are due, of several lanes in turn: each starts an attempt, and is due again
-- when its lease ends.
--
-- KEYS  lanes, disabled, bell, pending index, failed index
-- ARGV  key prefix, most deliveries, most of them for doubtful lanes, lease (ms), token of the
--       holder, started (RFC 3339), worker, retention (ms), number of lanes; each: subscriber, most
--       out at a time, the same while doubtful, ms between two (0: any), ms for which to put the lane
--       off (0: serve it)
-- Returns for each: id, alert, subscriber, attempt, attempts before this schedule, event or nil,
--         1 when its lane is doubtful.
--
-- A lane is doubtful until its receiver has taken something, and again after a failure: then it has
-- one delivery out at a time, and all of them together no more than a share of the worker. So those
-- that hang cannot keep it from the others.

local lanes, disabled, bell, pending, failed = unpack(KEYS)

-- include arguments

local prefix, limit, doubtful_limit = take(), tonumber(take()), tonumber(take())
local lease, token, started, worker, keep = tonumber(take()), take(), take(), take(), take()
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local PAUSE = 250 -- ms until a doubtful lane is looked at again for which there was no room

-- include lanes

local asked = take_list(tonumber(take()), function()
  local lane = { name = take(), most = tonumber(take()), careful = tonumber(take()),
    gap = tonumber(take()), off = tonumber(take()) }
  inspect(lane.name)
  return lane
end)
redis.call('HLEN', disabled)
redis.call('ZCARD', pending)
redis.call('ZCARD', failed)
local ring = redis.call('LLEN', bell) == 0
local share = math.max(1, math.floor(limit / math.max(1, #asked)))

local leased = {}

-- How many deliveries the lane may have now, and when to look again if it is none or too few.
local function room(lane)
  local out = out_key(lane.name)
  redis.call('ZREMRANGEBYSCORE', out, '-inf', now)
  local busy = redis.call('ZCARD', out)
  local state = redis.call('HMGET', state_key(lane.name), 'failures', 'rest', 'probe', 'next', 'proven')
  local failures, rest, probe, next_at = number(state[1]), number(state[2]), number(state[3]), number(state[4])
  lane.doubtful = failures > 0 or not state[5]
  lane.failures = failures
  if rest > now then
    return 0, rest
  end
  if failures >= FAILURES and probe > now then
    return 0, probe
  end
  local most = lane.doubtful and lane.careful or lane.most
  if lane.doubtful and doubtful_limit < 1 then
    return 0, now + PAUSE
  end
  local free = math.min(most - busy, limit, share)
  if free < 1 then
    local ends = redis.call('ZRANGE', out, 0, 0, 'WITHSCORES')[2]
    return 0, ends and tonumber(ends) or now + PAUSE
  end
  if lane.gap > 0 then
    if next_at > now then
      return 0, next_at
    end
    free = 1
  end
  return free, 0
end

local function start(lane, id)
  local key = prefix .. 'delivery:' .. id
  local alert, base = unpack(redis.call('HMGET', key, 'alert', 'base'))
  local event = redis.call('HGET', prefix .. 'alert:' .. alert, 'body')
  local attempt = redis.call('HINCRBY', key, 'attempts', 1)
  local record = cjson.encode({ at = started, worker = worker })
  redis.call('HSET', key, 'token', token, 'attempt:' .. attempt, record)
  queue(lane.name, id, now + lease)
  redis.call('ZADD', out_key(lane.name), now + lease, id)
  table.insert(leased, { id, alert, lane.name, attempt, tonumber(base), event, lane.doubtful and 1 or 0 })
  limit = limit - 1
  if lane.doubtful then
    doubtful_limit = doubtful_limit - 1
  end
end

-- Nothing is sent to a disabled subscriber: what falls due fails, is kept, and can be recovered.
local function refuse(lane, id, reason)
  local key = prefix .. 'delivery:' .. id
  local alert = prefix .. 'alert:' .. redis.call('HGET', key, 'alert')
  redis.call('HSET', key, 'state', 'failed', 'note', reason)
  redis.call('HDEL', key, 'token')
  leave(lane.name, id)
  redis.call('ZREM', pending, id)
  redis.call('ZADD', failed, now, id)
  redis.call('PEXPIRE', key, keep)
  if redis.call('HINCRBY', alert, 'open', -1) <= 0 then
    redis.call('PEXPIRE', alert, keep)
  end
end

local function serve(lane)
  local why = redis.call('HGET', disabled, lane.name)
  local free, again = room(lane)
  local most = why and 100 or free
  local ids = most < 1 and {}
    or redis.call('ZRANGE', lane_key(lane.name), '-inf', now, 'BYSCORE', 'LIMIT', 0, most)
  local started_any = false
  for _, id in ipairs(ids) do
    local state, forced = unpack(redis.call('HMGET', prefix .. 'delivery:' .. id, 'state', 'forced'))
    if state ~= 'pending' then
      leave(lane.name, id)
    elseif why and not forced then
      refuse(lane, id, 'its subscriber is disabled: ' .. cjson.decode(why).reason)
    elseif free > 0 and limit > 0 then
      free = free - 1
      start(lane, id)
      started_any = true
    end
  end
  local state = state_key(lane.name)
  if started_any then
    redis.call('HSET', state, 'served', string.format('%.3f', now))
    if lane.failures >= FAILURES then
      redis.call('HSET', state, 'probe', string.format('%.0f', now + PROBE))
    end
    if lane.gap > 0 then
      redis.call('HSET', state, 'next', string.format('%.0f', now + lane.gap))
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
return leased

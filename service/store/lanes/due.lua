-- The lanes that are due, those that have waited longest first, with all that decides how many
-- deliveries each may start.
--
-- KEYS  stream
-- ARGV  key prefix, most lanes, the longest delay of a delivery (ms), lease (ms), the subscribers whose
--       lanes are left to other workers unless they are disabled (JSON)
-- Returns now (ms), how many lanes there are, ms until the lane after these is due ('': there is none), the
--   lanes that cannot be read, each its subscriber and the key, and the others, each as a text with a fact a
--   line: subscriber, deliveries in flight, those that are due, when the first lease ends ('': none is in
--   flight), and what the function `facts` tells; 1 where deliveries are not written yet (`portion.lua`).

-- include keys

local lanes, most, max_delay, lease = lanes_key(), ARGV[2], ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- include lanes/lane

-- After a server's clock was set back, or another server took over, times can be too far ahead.
local function bring_lanes_near()
  local far = milliseconds(now + max_delay)
  for _, name in ipairs(redis.call('ZRANGE', lanes, far, '+inf', 'BYSCORE', 'LIMIT', 0, most)) do
    redis.call('ZADD', lanes, milliseconds(now), name)
  end
end

-- The same for the deliveries of a lane, in their order. Returns how many there were.
local function bring_deliveries_near(name)
  local far = redis.call('ZRANGE', lane_key(name), now + max_delay, '+inf', 'BYSCORE')
  for i, id in ipairs(far) do
    redis.call('ZADD', lane_key(name), milliseconds(now - (#far - i) / 1000), id)
  end
  return #far
end

local function count_due(name)
  return redis.call('ZCOUNT', lane_key(name), '-inf', now)
end

-- The same for leases: none is twice as long as ours.
local function bring_leases_near(name)
  for _, id in ipairs(redis.call('ZRANGE', out_key(name), now + 2 * lease, '+inf', 'BYSCORE')) do
    redis.call('ZADD', out_key(name), now + lease, id)
  end
end

-- Takes back the deliveries that waited while a key of the lane held something else. Returns how many
-- wait then; nil: there were none.
local function take_back(name)
  local aside = aside_key(name)
  if redis.call('TYPE', aside).ok == 'zset' then
    redis.call('ZUNIONSTORE', lane_key(name), 2, lane_key(name), aside, 'AGGREGATE', 'MIN')
    redis.call('DEL', aside)
    return redis.call('ZCARD', lane_key(name))
  end
end

-- The next part of what was brought forward, before the last one is used up.
local function go_on_forward(name, forward, probe)
  if forward and probe then -- it fails again
    redis.call('HDEL', state_key(name), 'forward')
  elseif forward and number(forward) - now < FORWARD_AT_ONCE * FORWARD_EVERY_MS / 2 then
    bring_forward(name, number(forward))
  end
end

local function look(lane)
  local name = lane.name
  if lane.forward then
    bring_deliveries_near(name)
    go_on_forward(name, lane.forward, lane.next_probe)
  end
  local out, in_flight, first_lease_end = out_key(name), lane.out, nil
  if in_flight > 0 then
    in_flight = in_flight - redis.call('ZREMRANGEBYSCORE', out, '-inf', now)
  end
  if in_flight > 0 then
    bring_leases_near(name)
    first_lease_end = redis.call('ZRANGE', out, 0, 0, 'WITHSCORES')[2]
  end
  kept_time(name, lane, 'paused_until', MAX_PAUSE_MS)
  kept_time(name, lane, 'next_probe', PROBE_EVERY_MS)
  local due = count_due(name)
  -- Others than those that are due or in flight wait: they may be too far ahead.
  if lane.size > due + in_flight and bring_deliveries_near(name) > 0 then
    due = count_due(name)
  end
  return table.concat({ name, in_flight, due, first_lease_end or '', facts(lane) }, '\n')
end

redis.call('HLEN', disabled_key())
bring_lanes_near()
local due, foreign = {}, {}
local left, others = {}, cjson.decode(ARGV[5])
local others_marks = disabled_marks(others)
for i, name in ipairs(others) do
  left[name] = not others_marks[i]
end
local names, following = {}, nil
local first = redis.call('ZRANGE', lanes, 0, most + #others, 'WITHSCORES')
for i = 1, #first, 2 do
  local name, at = first[i], tonumber(first[i + 1])
  if not left[name] then
    if at > now or #names == tonumber(most) then
      following = at
      break
    end
    names[#names + 1] = name
  end
end
local marks, asides = disabled_marks(names), {}
for i, name in ipairs(names) do
  asides[i] = aside_key(name)
end
local is_aside = #names > 0 and redis.call('EXISTS', unpack(asides)) > 0
for i, name in ipairs(names) do
  local lane = read_lane(name, marks[i])
  if lane then
    if is_aside then
      lane.size = take_back(name) or lane.size
    end
    due[#due + 1] = look(lane)
  else
    foreign[#foreign + 1] = { name, foreign_key(name) }
    redis.call('ZADD', lanes, milliseconds(now + PROBE_EVERY_MS), name)
  end
end
local next_in = following and math.max(0, math.ceil(following - now)) or ''
return { milliseconds(now), redis.call('ZCARD', lanes), next_in, foreign, due,
  redis.call('TYPE', portioned_key()).ok == 'zset' and 1 or 0 }

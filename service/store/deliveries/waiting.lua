-- What waits to be delivered, and the state of each lane in which something waits.
--
-- KEYS  stream
-- ARGV  key prefix, how many lanes are named, at how many is looked: those that are due first
-- Returns JSON: `now` (ms), `pending` and `failed` (deliveries), `due` (that could be sent now), `oldest_due`
--   (ms from which the lane waits that has waited longest; absent: none is due), `states` (how many lanes are in each), `busiest` (name and number of
--   deliveries of the lanes in which most waits)
--
-- The state of a lane is that of `LaneState.status`.

-- include keys

local lanes, most, looked_at = lanes_key(), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local is_disabled = {}
for _, name in ipairs(redis.call('HKEYS', disabled_key())) do
  is_disabled[name] = true
end
local states, named, due = {}, {}, 0

local function status(name)
  if is_disabled[name] then
    return 'disabled'
  end
  local found = redis.pcall('HMGET', state_key(name), 'paused_until', 'next_probe', 'failures', 'slow',
    'confirmed')
  if found.err then
    return 'unreadable'
  elseif found[1] and tonumber(found[1]) > now then
    return 'paused'
  elseif found[2] then
    return 'open'
  elseif found[3] and tonumber(found[3]) > 0 then
    return 'failing'
  elseif found[4] then
    return 'slow'
  end
  return found[5] and 'ok' or 'new'
end

local function count(state)
  states[state] = (states[state] or 0) + 1
end

local waiting = redis.call('ZRANGE', lanes, 0, looked_at - 1, 'WITHSCORES')
local oldest = nil
for i = 1, #waiting, 2 do
  local name, key = waiting[i], lane_key(waiting[i])
  local size = redis.pcall('ZCARD', key)
  if type(size) == 'table' then
    count('unreadable')
  else
    count(status(name))
    table.insert(named, { name, size })
    if tonumber(waiting[i + 1]) <= now and not is_disabled[name] then
      oldest = oldest or tonumber(waiting[i + 1]) -- they come in this order
      due = due + redis.call('ZCOUNT', key, '-inf', now)
    end
  end
  is_disabled[name] = nil
end
for name in pairs(is_disabled) do
  if not redis.call('ZSCORE', lanes, name) then -- nothing waits in its lane
    count('disabled')
  end
end
states.beyond = math.max(0, redis.call('ZCARD', lanes) - looked_at)
table.sort(named, function(a, b) return a[2] > b[2] end)
return cjson.encode({
  now = now, pending = redis.call('ZCARD', deliveries_key('pending')),
  failed = redis.call('ZCARD', deliveries_key('failed')), due = due, oldest_due = oldest,
  states = states, busiest = { unpack(named, 1, math.min(most, #named)) },
})

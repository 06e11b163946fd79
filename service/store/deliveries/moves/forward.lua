-- Brings forward what waits in a lane for a time that no longer holds: its subscriber's rules changed.
--
-- KEYS  stream
-- ARGV  key prefix, subscriber, `1` where also what has been tried may be sent now, the ms after which a
--       delivery waits too long (empty: now), the ms at which the one before is due (empty: now)
-- Returns up to which ms deliveries were looked at, and when the last of them is due; nil when that was
--   all.
--
-- A part at a time, so that no script holds up the server. The order stays.

-- include keys

local lanes, bell = lanes_key(), bell_key()
local name, tried, after, at = ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local AT_ONCE, EVERY_MS = 500, 50

-- include lanes/lane

inspect(name)
redis.call('ZCARD', lanes)
local ring = redis.call('LLEN', bell) == 0
if not after then
  after = now
  redis.call('HDEL', state_key(name), 'next_start')
  if tried then -- another receiver: what is known of the one before says nothing of it
    redis.call('HDEL', state_key(name), 'failures', 'failing_since', 'failing_for', 'last_failure',
      'next_probe', 'paused_until')
  end
end
local later = redis.call('ZRANGE', lane_key(name), '(' .. milliseconds(after), '+inf', 'BYSCORE',
  'LIMIT', 0, AT_ONCE, 'WITHSCORES')
at = math.max(now, at or now)
for i = 1, #later, 2 do
  local attempts = redis.pcall('HGET', delivery_key(later[i]), 'attempts')
  local is_new = attempts == '0' or attempts == false
  if (tried or is_new) and not redis.call('ZSCORE', out_key(name), later[i]) then
    at = at + EVERY_MS
    redis.call('ZADD', lane_key(name), 'LT', milliseconds(at), later[i])
  end
end
schedule(name)
if ring and #later > 0 then
  redis.call('RPUSH', bell, 1)
end
return #later == 2 * AT_ONCE and { later[#later], milliseconds(at) } or false

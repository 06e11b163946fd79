-- Gives what the digest of one subscriber holds to that of another.
--
-- KEYS  stream
-- ARGV  key prefix, subscriber, the other
-- Returns how many events there were. They are due with what that digest holds; now, if that is nothing.

-- include keys

local time = redis.call('TIME')
local summaries, old, new = bundles_key(), digest_bundle(ARGV[2]), digest_bundle(ARGV[3])
redis.call('ZCARD', summaries)
redis.call('ZCARD', held_key(new))
local held = redis.call('ZRANGE', held_key(old), 0, -1, 'WITHSCORES')
if #held == 0 then
  return 0
end
for i = 1, #held, 2 do
  if redis.call('ZADD', held_key(new), 'NX', held[i + 1], held[i]) == 0 then -- both hold it: once now
    redis.pcall('HINCRBY', alert_key(held[i]), 'open', -1)
  end
end
redis.call('DEL', held_key(old))
redis.call('ZREM', summaries, old)
redis.call('ZADD', summaries, 'NX', time[1] * 1000 + math.floor(time[2] / 1000), new)
return #held / 2

-- A process says that it runs, and what its work takes; those that say nothing any more are forgotten.
--
-- KEYS  stream
-- ARGV  key prefix, worker, what it says of itself (JSON; empty: it ends), ms after which a worker that
--       says nothing has ended; then names and values of what work takes
-- Returns nothing.

-- include keys

local workers, worker, said, alive = workers_key(), ARGV[2], ARGV[3], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('HLEN', pace_key())
if said == '' then
  redis.call('HDEL', workers, worker)
else
  redis.call('HSET', workers, worker, cjson.encode({ seen = now, said = said }))
end
local flat = redis.call('HGETALL', workers)
for i = 1, #flat, 2 do
  local good, found = pcall(cjson.decode, flat[i + 1])
  if not (good and type(found) == 'table' and now - (tonumber(found.seen) or 0) <= alive) then
    redis.call('HDEL', workers, flat[i])
  end
end
for i = 5, #ARGV - 1, 2 do
  redis.call('HSET', pace_key(), ARGV[i], ARGV[i + 1])
end

-- A worker says which rules files it has, and is told which set is in force.
--
-- KEYS  stream
-- ARGV  key prefix, worker, digest of its files, `1` where it has just got them, what it says of them
--       (JSON), ms after which it has ended if it says nothing, most digests that are remembered
-- Returns 1 where no running worker has newer files, else 0; the fields of the set in force.
--
-- Files are as new as the first time that a worker had them, or had them again while it ran: one that
-- is restarted does not make old files new. Those that no running worker has do not count. Where Redis
-- has forgotten how new files are, those of a worker that followed are older than all others.

-- include keys

local workers, offers = rules_workers_key(), rules_offers_key()
local worker, offer, fresh, said = ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5]
local lives, most = tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('HLEN', offers)
redis.call('HLEN', rules_key())
redis.call('HSET', workers, worker,
  cjson.encode({ offer = offer, seen = now, said = said, lives = lives }))
if fresh or redis.call('HEXISTS', offers, offer) == 0 then
  local followed = not fresh and cjson.decode(said).standing == 'follows'
  local at = followed and 0 or time[1] * 1000000 + time[2]
  redis.call('HSET', offers, offer, string.format('%.0f', at))
end

local has = {}
local flat = redis.call('HGETALL', workers)
for i = 1, #flat, 2 do
  local good, found = pcall(cjson.decode, flat[i + 1])
  local silent = good and type(found) == 'table' and math.abs(now - (tonumber(found.seen) or 0))
  if silent and silent <= (tonumber(found.lives) or 0) then
    has[found.offer or ''] = true
  else
    redis.call('HDEL', workers, flat[i])
  end
end

local newest, newest_at = '', -1
local known = redis.call('HGETALL', offers)
for i = 1, #known, 2 do
  local one, at = known[i], tonumber(known[i + 1]) or 0
  if has[one] and (at > newest_at or at == newest_at and one > newest) then
    newest, newest_at = one, at
  elseif not has[one] and #known / 2 > most then
    redis.call('HDEL', offers, one)
  end
end
return { newest == offer and 1 or 0, redis.call('HGETALL', rules_key()) }

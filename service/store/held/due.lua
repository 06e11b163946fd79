-- What is told of together: that which has been due the longest.
--
-- KEYS  stream
-- ARGV  key prefix, the subscribers whose digests are left, unless they are disabled (JSON)
-- Returns nil when none is due, else: its bundle, since when it is due (ms), a digest of what it holds,
--   for each event, the best one first: id, score, subscribers of its alert, when it was made; now (ms);
--   and `1` where it is the digest of a disabled subscriber.

-- A bundle of which a key holds something else is looked at again later: others do not wait for it.

local PAUSE = 60000 -- ms

-- include keys

local summaries = bundles_key()

-- include held/bundle

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, names = {}, cjson.decode(ARGV[2])
for _, name in ipairs(names) do
  left[digest_bundle(name)] = redis.call('HEXISTS', disabled_key(), name) == 0
end
local bundle, till = nil, nil
local first =
  redis.call('ZRANGE', summaries, '-inf', now, 'BYSCORE', 'LIMIT', 0, #names + 1, 'WITHSCORES')
for i = 1, #first, 2 do
  if not left[first[i]] then
    bundle, till = first[i], first[i + 1]
    break
  end
end
if not bundle then
  return false
end
local name = bundle:sub(3)
local is_disabled = bundle == digest_bundle(name) and redis.call('HEXISTS', disabled_key(), name) or 0
local function read()
  local events = {}
  local held, digest = contents(bundle)
  for i = 1, #held, 2 do
    local subscribers, at =
      unpack(redis.call('HMGET', alert_key(held[i]), 'subscribers', 'at'))
    table.insert(events, { held[i], held[i + 1], subscribers or '', at or '' })
  end
  return { bundle, till, digest, events, now, is_disabled }
end

local function foreign_key()
  local key = held_key(bundle)
  if redis.call('TYPE', key).ok ~= 'zset' then
    return key
  end
  for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if redis.call('TYPE', alert_key(id)).ok ~= 'hash' then
      return alert_key(id)
    end
  end
end

local good, found = pcall(read)
if good then
  return found
end
redis.call('ZADD', summaries, 'XX', now + PAUSE, bundle)
return redis.error_reply('WRONGTYPE ' .. (foreign_key() or bundle))

#!lua
-- Writes a portion of the deliveries of an event that has very many: each call holds up the server for
-- a few milliseconds. Whoever calls it does it: a portion goes when its deliveries are written, and a
-- repetition of one that broke off doubles nothing.
--
-- KEYS  stream
-- ARGV  key prefix
-- Returns 1 where another portion is due.

-- include keys

local lanes, pending, bell = lanes_key(), deliveries_key('pending'), bell_key()
local summaries, portioned = bundles_key(), portioned_key()
local keep, at -- no event is written here
local PAUSE = 60000 -- ms until a portion is looked at again that cannot be written
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include deliveries/queue

-- include deliveries/send

local function due()
  return redis.call('ZRANGE', portioned, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
end

local id, made = unpack(due())
if not id then
  return 0
end
local key = portions_key(id)

local function check(command, name)
  local found = redis.pcall(command, name)
  if type(found) == 'table' then error({ err = 'WRONGTYPE ' .. name }) end
  return found
end

-- The portion, and what its event says of its deliveries. All keys are read that are written then.
local function read()
  for _, each in ipairs({ lanes, pending, summaries, key }) do check('ZCARD', each) end
  check('HLEN', alert_key(id))
  local revision, watchlist, article =
    unpack(redis.call('HMGET', alert_key(id), 'revision', 'watchlist', 'article'))
  local text = redis.call('ZRANGE', key, 0, 0)[1]
  local portion = revision and text and cjson.decode(text)
  for _, each in ipairs(portion and portion.to or {}) do
    check('HLEN', delivery_key(each.delivery))
    foreign_key(each.name)
    if each.bundle then check('ZCARD', held_key(each.bundle)) end
  end
  return portion, { watchlist = watchlist, article = article, score = portion and portion.score },
    check('LLEN', bell) == 0
end

local good, portion, about, ring = pcall(read)
if not good then -- others do not wait for it
  redis.call('ZADD', portioned, 'XX', now + PAUSE, id)
  return redis.error_reply(type(portion) == 'table' and portion.err or portion)
end
if not portion then -- its commit broke off, and is repeated as a whole
  redis.call('DEL', key)
  redis.call('ZREM', portioned, id)
  return #due() > 0 and 1 or 0
end

-- Its event counts all of its deliveries as open since it was written.
local event = { id = id, made = math.min(now, tonumber(made)) }
for _, subscriber in ipairs(portion.to) do add_delivery(about, event, subscriber) end
queue_waiting()
redis.call('ZREMRANGEBYRANK', key, 0, 0)
if redis.call('ZCARD', key) == 0 then
  redis.call('ZREM', portioned, id)
end
if deliveries > 0 and ring then
  redis.call('RPUSH', bell, 1)
end
return #due() > 0 and 1 or 0

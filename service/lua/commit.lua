-- Commits one batch: alerts and their deliveries, dead letters, and last the acknowledgements.
--
-- KEYS  stream, due, pending index, dead, bell
-- ARGV  group, key prefix, time of the commit (RFC 3339), retention of alerts (ms), then
--       number of judged entries; each: id, number of alerts; each:
--         id, update id, watchlist, article, revision, event when new, event when changed,
--         number of subscribers; each: name, delivery id when new, delivery id when changed
--       number of dead letters; each: id, reason, times delivered, number of fields; each: name, value
-- Returns ids created, ids updated, ids repeated, deliveries, dead letters, entries of others.
--
-- A script is not rolled back, so all reading comes before the first write: a key of the wrong
-- type stops it with nothing written. Should a write still fail, running it again completes the
-- work: an alert counts as made only by its `revision`, which is written after its deliveries.

local stream, due, pending, dead, bell = unpack(KEYS)
local position = 0
local function take()
  position = position + 1
  return ARGV[position]
end
local function take_list(read)
  local list = {}
  for i = 1, tonumber(take()) do
    list[i] = read()
  end
  return list
end

local group, prefix, at, keep = take(), take(), take(), take()
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function alert_key(id)
  return prefix .. 'alert:' .. id
end
local function delivery_key(id)
  return prefix .. 'delivery:' .. id
end

-- Reading -----------------------------------------------------------------------------------

redis.call('ZCARD', due)
redis.call('ZCARD', pending)
redis.call('XLEN', dead)
redis.call('LLEN', bell)

local function read_subscriber()
  local name, created, updated = take(), take(), take()
  redis.call('HLEN', delivery_key(created))
  redis.call('HLEN', delivery_key(updated))
  return { name = name, created = created, updated = updated }
end

local function read_alert()
  local alert = {
    id = take(), update_id = take(), watchlist = take(), article = take(), revision = take(),
    created = take(), updated = take(), subscribers = take_list(read_subscriber),
  }
  redis.call('HLEN', alert_key(alert.id))
  redis.call('HLEN', alert_key(alert.update_id))
  return alert
end

-- An entry that is no longer pending was finished by another worker, and is no work of ours.
local function mine(entry)
  return #redis.call('XPENDING', stream, group, entry, entry, 1) == 1
end

local judged = take_list(function()
  local entry = { id = take(), alerts = take_list(read_alert) }
  entry.mine = mine(entry.id)
  return entry
end)

local letters = take_list(function()
  local letter = { id = take(), reason = take(), times = take(), fields = {} }
  for i = 1, tonumber(take()) do
    letter.fields[2 * i - 1] = take()
    letter.fields[2 * i] = take()
  end
  letter.mine = mine(letter.id)
  return letter
end)

-- Writing -----------------------------------------------------------------------------------

local created, updated, repeated, deliveries = {}, {}, {}, 0

local function add_delivery(alert, event, subscriber, id)
  local key = delivery_key(id)
  if redis.call('EXISTS', key) == 0 then
    redis.call('HINCRBY', alert_key(event), 'open', 1)
    redis.call('HSET', key, 'state', 'pending', 'alert', event, 'subscriber', subscriber,
      'watchlist', alert.watchlist, 'article', alert.article, 'created', now,
      'attempts', 0, 'base', 0)
    deliveries = deliveries + 1
  end
  if redis.call('HGET', key, 'state') == 'pending' then
    redis.call('ZADD', pending, 'NX', now, id)
    redis.call('ZADD', due, 'NX', now, id)
  end
end

local function remember(id, revision)
  local key = alert_key(id)
  redis.call('HSET', key, 'revision', revision)
  if tonumber(redis.call('HGET', key, 'open') or 0) <= 0 then
    redis.call('PEXPIRE', key, keep)
  end
end

local function make(alert, event, kind)
  redis.call('HSET', alert_key(event), 'type', 'alert.' .. kind, 'body', alert[kind],
    'watchlist', alert.watchlist, 'article', alert.article, 'at', at)
  for _, subscriber in ipairs(alert.subscribers) do
    add_delivery(alert, event, subscriber.name, subscriber[kind])
  end
  remember(event, alert.revision)
end

local function decide(alert)
  local known = redis.call('HGET', alert_key(alert.id), 'revision')
  if not known then
    make(alert, alert.id, 'created')
    table.insert(created, alert.id)
  elseif known == alert.revision then
    table.insert(repeated, alert.id)
  elseif redis.call('HEXISTS', alert_key(alert.update_id), 'revision') == 1 then
    remember(alert.id, alert.revision)
    table.insert(repeated, alert.update_id)
  else
    make(alert, alert.update_id, 'updated')
    remember(alert.id, alert.revision)
    table.insert(updated, alert.update_id)
  end
end

local finished = {}
for _, entry in ipairs(judged) do
  if entry.mine then
    for _, alert in ipairs(entry.alerts) do
      decide(alert)
    end
    table.insert(finished, entry.id)
  end
end
for _, letter in ipairs(letters) do
  if letter.mine then
    redis.call('XADD', dead, '*', 'entry', letter.id, 'at', at, 'reason', letter.reason,
      'deliveries', letter.times, unpack(letter.fields))
    table.insert(finished, letter.id)
  end
end
if deliveries > 0 and redis.call('LLEN', bell) == 0 then
  redis.call('RPUSH', bell, 1)
end
if #finished > 0 then
  redis.call('XACK', stream, group, unpack(finished))
end

local dead_count = 0
for _, letter in ipairs(letters) do
  if letter.mine then
    dead_count = dead_count + 1
  end
end
local others = #judged + #letters - #finished
return { created, updated, repeated, deliveries, dead_count, others }

-- Events and their deliveries, as they are written: a part of other scripts. It uses: at, keep, now,
-- pending, `summaries`. An event is a table: `type`, `id`, `body` (the number of an argument), `to`;
-- each: `name`, `delivery` (its id), and for others than those who get it at once `not_before` (ms),
-- or `bundle` and `bundle_due` (ms).

local deliveries = 0 -- that are new
local lanes_changed = {} -- the names of lanes that are still to be put in their place

-- Keeps an event until it is sent together with others; until then its record stays.
local function hold(bundle, score, id, due, option)
  if redis.call('ZADD', held_key(bundle), score, id) == 1 then
    redis.call('HINCRBY', alert_key(id), 'open', 1)
    redis.call('PERSIST', alert_key(id))
  end
  redis.call('ZADD', summaries, option, due, bundle)
end

local function add_delivery(about, event, subscriber)
  if subscriber.bundle then
    hold(subscriber.bundle, about.score or 0, event.id, subscriber.bundle_due, 'LT') -- as the rules are
    return
  end
  local key = delivery_key(subscriber.delivery)
  if redis.call('EXISTS', key) == 0 then
    redis.call('HINCRBY', alert_key(event.id), 'open', 1)
    redis.call('HSET', key, 'state', 'pending', 'alert', event.id, 'subscriber', subscriber.name,
      'watchlist', about.watchlist, 'article', about.article, 'created', now, 'attempts', 0, 'base', 0,
      'note', (subscriber.not_before or 0) > now and "its subscriber's quiet hours" or '')
    deliveries = deliveries + 1
  elseif redis.call('HGET', key, 'state') ~= 'pending'
      or redis.call('HGET', key, 'subscriber') ~= subscriber.name then
    return -- it has ended, or was moved to another
  end
  redis.call('ZADD', pending, 'NX', now, subscriber.delivery)
  local due = now
  if (subscriber.not_before or 0) > now then -- what waits for one moment keeps its order
    local place = not foreign_key(subscriber.name)
      and redis.call('HINCRBY', state_key(subscriber.name), 'place', 1) or 0
    due = subscriber.not_before + place / 1000
  end
  queue(subscriber.name, subscriber.delivery, due, 'NX')
  lanes_changed[subscriber.name] = true
end

-- An event is finished with this; `fields` are further ones of its record.
local function remember(id, revision, fields)
  for name in pairs(lanes_changed) do schedule(name) end
  lanes_changed = {}
  local key = alert_key(id)
  redis.call('HSET', key, 'revision', revision, unpack(fields or {}))
  if tonumber(redis.call('HGET', key, 'open') or 0) <= 0 then
    redis.call('PEXPIRE', key, keep)
  end
end

local function send(about, event)
  redis.call('HSET', alert_key(event.id), 'type', event.type, 'body', ARGV[event.body],
    'watchlist', about.watchlist, 'article', about.article, 'at', at)
  for _, subscriber in ipairs(event.to) do
    add_delivery(about, event, subscriber)
  end
end

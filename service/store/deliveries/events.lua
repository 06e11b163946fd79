-- Events with their deliveries, as ARGV brings them and as they are written: a part of other
-- scripts. It uses: at, keep, now, pending, `summaries`.

local function read_subscriber()
  local subscriber = { name = take(), id = take(), from = tonumber(take()), bundle = take(),
    bundle_due = tonumber(take()) }
  redis.call('HLEN', delivery_key(subscriber.id))
  foreign_key(subscriber.name)
  redis.call('ZCARD', held_key(subscriber.bundle))
  return subscriber
end

local function read_event()
  local event = { type = take(), id = take(), body = take() }
  event.subscribers = take_list(tonumber(take()), read_subscriber)
  if event.type ~= '' then
    redis.call('HLEN', alert_key(event.id))
  end
  return event
end

local deliveries = 0

-- Keeps an event until it is told of together with others; so long its record stays.
local function put(bundle, score, id, when, option)
  if redis.call('ZADD', held_key(bundle), score, id) == 1 then
    redis.call('HINCRBY', alert_key(id), 'open', 1)
    redis.call('PERSIST', alert_key(id))
  end
  redis.call('ZADD', summaries, option, when, bundle)
end

local function add_delivery(about, event, subscriber)
  if subscriber.bundle ~= '' then
    -- LT: a digest follows the rules in force.
    put(subscriber.bundle, about.score or 0, event, subscriber.bundle_due, 'LT')
    return
  end
  local key = delivery_key(subscriber.id)
  if redis.call('EXISTS', key) == 0 then
    redis.call('HINCRBY', alert_key(event), 'open', 1)
    redis.call('HSET', key, 'state', 'pending', 'alert', event, 'subscriber', subscriber.name,
      'watchlist', about.watchlist, 'article', about.article, 'created', now,
      'attempts', 0, 'base', 0)
    deliveries = deliveries + 1
  end
  if redis.call('HGET', key, 'state') == 'pending' then
    redis.call('ZADD', pending, 'NX', now, subscriber.id)
    local at = now
    if subscriber.from > now then -- what waits for one moment goes in the order in which it came
      local place = not foreign_key(subscriber.name)
        and redis.call('HINCRBY', state_key(subscriber.name), 'place', 1) or 0
      at = subscriber.from + place / 1000
    end
    queue(subscriber.name, subscriber.id, at, 'NX')
    schedule(subscriber.name)
  end
end

local function remember(id, revision)
  local key = alert_key(id)
  redis.call('HSET', key, 'revision', revision)
  if tonumber(redis.call('HGET', key, 'open') or 0) <= 0 then
    redis.call('PEXPIRE', key, keep)
  end
end

local function names(subscribers)
  local list = {}
  for i, subscriber in ipairs(subscribers) do
    list[i] = subscriber.name
  end
  return table.concat(list, ' ')
end

local function write(about, event)
  redis.call('HSET', alert_key(event.id), 'type', event.type, 'body', event.body,
    'watchlist', about.watchlist, 'article', about.article, 'at', at)
end

local function send(about, event, subscribers)
  write(about, event)
  for _, subscriber in ipairs(subscribers) do
    add_delivery(about, event.id, subscriber)
  end
end

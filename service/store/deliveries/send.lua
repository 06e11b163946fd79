-- Events and their deliveries, as they are written: a part of other scripts. It uses: at, keep, now,
-- pending, `summaries`. An event is a table: `type`, `id`, `body` (the number of an argument), `trace`
-- (or none), `to`; each: `name`, `delivery` (its id), and for others than those who get it at once
-- `not_before` (ms), or `bundle`, `bundle_due` (ms) and whether it keeps the time that it has (`keeps`).
-- Very many are `count` in `portions`, from argument to argument: `portion.lua` writes their deliveries.
local deliveries = 0 -- that are new
local written, opened = {}, {} -- by event: fields, and by how many deliveries and bundles it is kept
local waiting, lanes_changed = {}, {} -- members that sorted sets still get, and the lanes of these

-- Keeps an event until it is sent together with others; until then its record stays.
local function hold(to, score, id)
  if redis.call('ZADD', held_key(to.bundle), score, id) == 1 then
    opened[id] = (opened[id] or 0) + 1
    redis.call('PERSIST', alert_key(id))
  end
  redis.call('ZADD', summaries, to.keeps and 'NX' or 'LT', to.bundle_due, to.bundle)
end

local function queue_waiting()
  for key, members in pairs(waiting) do redis.call('ZADD', key, 'NX', unpack(members)) end
  for name in pairs(lanes_changed) do schedule(name) end
  waiting, lanes_changed = {}, {}
end

local function add_delivery(about, event, subscriber)
  if subscriber.bundle then return hold(subscriber, about.score or 0, event.id) end
  local id, name, made = subscriber.delivery, subscriber.name, event.made or now
  local later = (subscriber.not_before or 0) > now
  local state, whose = unpack(redis.call('HMGET', delivery_key(id), 'state', 'subscriber'))
  if state and (state ~= 'pending' or whose ~= name) then return end -- it has ended, or was moved to another
  if not state or event.unwritten then opened[event.id] = (opened[event.id] or 0) + 1 end
  if not state then
    redis.call('HSET', delivery_key(id), 'state', 'pending', 'alert', event.id, 'subscriber', name,
      'watchlist', about.watchlist, 'article', about.article, 'created', made, 'attempts', 0, 'base', 0,
      'note', later and "its subscriber's quiet hours" or '')
    deliveries = deliveries + 1
  end
  -- What waits for one moment keeps its order.
  local place = later and not foreign_key(name) and redis.call('HINCRBY', state_key(name), 'place', 1) or 0
  local due = later and subscriber.not_before + place / 1000 or made
  for key, at in pairs({ [pending] = made, [place_of(name)] = due }) do
    waiting[key] = waiting[key] or {}
    table.insert(waiting[key], at)
    table.insert(waiting[key], id)
  end
  lanes_changed[name] = true
  if #waiting[pending] >= 1000 then queue_waiting() end -- a script passes on a few thousand arguments
end

-- An event is finished with this; `fields` are further ones of its record.
local function remember(id, revision, fields)
  queue_waiting()
  local key, record = alert_key(id), written[id] or {}
  local left = opened[id] or redis.call('HGET', key, 'open')
  for _, each in ipairs(fields or {}) do table.insert(record, each) end
  for _, each in ipairs(left and { 'open', left } or {}) do table.insert(record, each) end
  redis.call('HSET', key, 'revision', revision, unpack(record))
  if tonumber(left or 0) <= 0 then redis.call('PEXPIRE', key, keep) end
  written[id], opened[id] = nil, nil
end

-- Listed before the event is finished: where a commit breaks off in between, it is committed again.
local function keep_portions(event)
  local key, members = portions_key(event.id), {}
  for i = event.portions[1], event.portions[2] do members[#members + 1], members[#members + 2] = i, ARGV[i] end
  redis.call('DEL', key)
  redis.call('ZADD', key, unpack(members))
  redis.call('ZADD', portioned_key(), now, event.id)
  opened[event.id], deliveries = event.count, deliveries + event.count
end

local function send(about, event)
  local kept = redis.call('HGET', alert_key(event.id), 'open')
  event.unwritten, opened[event.id] = not kept, tonumber(kept) -- a commit may have broken off
  written[event.id] = { 'type', event.type, 'body', ARGV[event.body], 'watchlist', about.watchlist,
    'article', about.article, 'at', at, unpack(event.trace and { 'trace', event.trace } or {}) }
  if event.portions then return keep_portions(event) end
  for _, subscriber in ipairs(event.to) do add_delivery(about, event, subscriber) end
end

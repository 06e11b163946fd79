-- Commits one batch: alerts and their deliveries, dead letters, and last the acknowledgements.
--
-- KEYS  stream
-- ARGV  key prefix, time of the commit (RFC 3339), retention of alerts (ms), window of a
--       story (ms), then
--       number of judged entries; each: id, digest of its article's id (empty: its past is not
--         compared), the article's revision, the version of its past when it was judged, number of
--         alerts, number of retractions
--         each alert: id, watchlist, article, digest of its id, revision, score, story (or empty),
--           milestone of the story, most alerts of a throttle (0: none), its span (ms), and three
--           events: when new, when changed, and for the story
--         each retraction: alert, watchlist, article, digest of its id, revision, event
--         each event: type (empty: none), id, body, number of subscribers; each: name, delivery id
--       number of dead letters; each: id, reason, times delivered, number of fields; each: name, value
-- Returns ids of alerts and events: created, updated, retracted, stories, repeated, counted, held;
--   ids of entries for which nothing was done because more was told of their articles since they
--   were judged; ids of those that were finished without a word because a newer one of their
--   articles was decided before; then the numbers of deliveries, dead letters, entries of others.
--
-- A script is not rolled back, so all reading comes before the first write: a key of the wrong
-- type stops it with nothing written. Should a write still fail, running it again completes the
-- work: an alert counts as made only by its `revision`, which is written after its deliveries.

-- include keys

local stream, lanes, pending, dead = KEYS[1], lanes_key(), deliveries_key('pending'), dead_letters_key()
local bell, summaries, decided = bell_key(), bundles_key(), decided_key()

-- include deliveries/arguments

local at, keep, window = take(), take(), take()
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include lanes/lane

-- include deliveries/events

-- include stories/told

-- include commit/decided

-- Reading -----------------------------------------------------------------------------------

redis.call('ZCARD', lanes)
redis.call('ZCARD', pending)
redis.call('XLEN', dead)
redis.call('LLEN', bell)
redis.call('ZCARD', summaries)
redis.call('ZCARD', decided)

local function read_alert()
  local alert = {
    id = take(), watchlist = take(), article = take(), digest = take(), revision = take(),
    score = take(), story = take(), milestone = tonumber(take()), most = tonumber(take()),
    span = tonumber(take()), created = read_event(), updated = read_event(), story_updated = read_event(),
  }
  redis.call('HLEN', alerted_key(alert.digest))
  redis.call('HLEN', reached_key(alert.story))
  redis.call('HLEN', throttle_key(alert.watchlist))
  redis.call('ZCARD', held_key(throttle_bundle(alert.watchlist)))
  return alert
end

local function read_retraction()
  local retraction = {
    id = take(), watchlist = take(), article = take(), digest = take(), revision = take(),
    event = read_event(),
    score = 101, -- above all alerts: no digest that is cut short leaves it out
  }
  redis.call('HLEN', alert_key(retraction.id))
  redis.call('ZCARD', held_key(throttle_bundle(retraction.watchlist)))
  retraction.story = redis.call('GET', story_of_key(retraction.digest)) or ''
  redis.call('HLEN', reached_key(retraction.story))
  return retraction
end

local judged = take_list(tonumber(take()), function()
  local entry = { id = take(), digest = take(), revision = take(), version = take() }
  local alerts, retractions = tonumber(take()), tonumber(take())
  entry.alerts = take_list(alerts, read_alert)
  entry.retractions = take_list(retractions, read_retraction)
  for _, list in ipairs({ entry.alerts, entry.retractions }) do
    for _, each in ipairs(list) do
      each.entry = entry.id
    end
  end
  return entry
end)

local letters = take_list(tonumber(take()), function()
  local letter = { id = take(), reason = take(), times = take(), fields = {} }
  for i = 1, tonumber(take()) do
    letter.fields[2 * i - 1] = take()
    letter.fields[2 * i] = take()
  end
  return letter
end)

local entries = { unpack(judged) }
for _, letter in ipairs(letters) do
  table.insert(entries, letter)
end
local oldest_but = look_up(entries)
for _, entry in ipairs(judged) do
  if entry.mine and entry.digest ~= '' then
    local tells = #entry.alerts > 0 or #entry.retractions > 0
    entry.overtaken = tells and overtaken(entry)
    entry.stale = not entry.overtaken
      and version_of(told_of(entry.digest, entry.revision)) ~= entry.version
  end
end

-- Writing -----------------------------------------------------------------------------------

local created, updated, retracted, stories, repeated, counted, held = {}, {}, {}, {}, {}, {}, {}
-- What is told of an alert after its first event; the first alert's record keeps track.
local function tell(alert, event, subscribers)
  send(alert, event, subscribers)
  redis.call('HSET', alert_key(alert.id), 'latest', event.id, 'subscribers', names(subscribers),
    'entry', alert.entry)
  redis.call('PEXPIRE', alerted_key(alert.digest), keep)
  remember(event.id, alert.revision)
  remember(alert.id, alert.revision)
end

-- Which alert of the story has told a subscriber; nil for none.
local function teller_to(alert, name)
  return redis.call('HGET', reached_key(alert.story), reached_field(alert.watchlist, name))
end

-- Whom no other alert of the story has reached, and whether any other told of it at all.
local function untold(alert)
  local all = alert.created.subscribers
  if alert.story == '' then
    return all, false
  end
  local rest = {}
  for _, subscriber in ipairs(all) do
    local teller = teller_to(alert, subscriber.name)
    if not teller or teller == alert.id then
      table.insert(rest, subscriber)
    end
  end
  local teller = redis.call('HGET', reached_key(alert.story), alert.watchlist)
  return rest, #rest < #all or (teller and teller ~= alert.id)
end

local function claim(alert, subscribers)
  redis.call('HSET', alerted_key(alert.digest), alert.watchlist, alert.id)
  redis.call('PEXPIRE', alerted_key(alert.digest), keep)
  if alert.story == '' then
    return
  end
  local key = reached_key(alert.story)
  redis.call('HSETNX', key, alert.watchlist, alert.id)
  for _, subscriber in ipairs(subscribers) do
    redis.call('HSETNX', key, reached_field(alert.watchlist, subscriber.name), alert.id)
  end
  if redis.call('PTTL', key) < 0 then
    local left = redis.call('PTTL', story_key(alert.story))
    redis.call('PEXPIRE', key, left > 0 and left or window)
  end
end

-- Until when the watchlist has told enough; if it has not, this one counts.
local function full(alert)
  if alert.most == 0 then
    return nil
  end
  local key = throttle_key(alert.watchlist)
  local till, count = unpack(redis.call('HMGET', key, 'till', 'count'))
  if not till or tonumber(till) <= now then
    till, count = now + alert.span, 0
    redis.call('HSET', key, 'till', till, 'count', 0)
    redis.call('PEXPIRE', key, alert.span)
  end
  if tonumber(count) >= alert.most then
    return tonumber(till)
  end
  redis.call('HINCRBY', key, 'count', 1)
  return nil
end

local function create(alert, subscribers)
  local key = alert_key(alert.id)
  local till = #subscribers > 0 and full(alert)
  if till then
    write(alert, alert.created)
    redis.call('HSET', key, 'held', 1)
    put(throttle_bundle(alert.watchlist), alert.score, alert.id, till, 'NX') -- the throttle's span has begun
    table.insert(held, alert.id)
  else
    send(alert, alert.created, subscribers)
    table.insert(created, alert.id)
  end
  redis.call('HSET', key, 'latest', alert.id, 'subscribers', names(subscribers), 'entry', alert.entry)
  claim(alert, subscribers)
  remember(alert.id, alert.revision)
end

-- A further copy of a story that was told. Its milestone is told to those who have heard of it.
local function count(alert)
  table.insert(counted, alert.id)
  local event = alert.story_updated
  if event.type == '' or redis.call('HEXISTS', alert_key(event.id), 'revision') == 1 then
    return
  end
  local heard = {}
  for _, subscriber in ipairs(event.subscribers) do
    local teller = teller_to(alert, subscriber.name)
    if teller and redis.call('HEXISTS', alert_key(teller), 'held') == 0 then
      table.insert(heard, subscriber)
    end
  end
  if #heard > 0 then
    send(alert, event, heard)
    remember(event.id, alert.revision)
    table.insert(stories, event.id)
  end
end

-- Nobody has heard of the alert yet: it takes its new text, and whoever wants that too.
local function rewrite(alert)
  local key = alert_key(alert.id)
  local all, known = {}, {}
  for name in (redis.call('HGET', key, 'subscribers') or ''):gmatch('%S+') do
    known[name] = true
    table.insert(all, name)
  end
  for _, subscriber in ipairs(alert.created.subscribers) do
    if not known[subscriber.name] then
      table.insert(all, subscriber.name)
    end
  end
  write(alert, alert.created)
  redis.call('HSET', key, 'subscribers', table.concat(all, ' '), 'entry', alert.entry)
  redis.call('ZADD', held_key(throttle_bundle(alert.watchlist)), alert.score, alert.id)
  claim(alert, alert.created.subscribers)
  remember(alert.id, alert.revision)
end

local function correct(alert, is_held)
  if is_held then
    rewrite(alert)
    table.insert(held, alert.id)
    return
  end
  redis.call('HDEL', alert_key(alert.id), 'retracted')
  if redis.call('HEXISTS', alert_key(alert.updated.id), 'revision') == 1 then
    remember(alert.id, alert.revision)
    table.insert(repeated, alert.updated.id)
    return
  end
  local meant = {}
  for _, subscriber in ipairs(alert.updated.subscribers) do
    local teller = alert.story ~= '' and teller_to(alert, subscriber.name)
    if not teller or teller == alert.id then -- others have heard of another copy
      table.insert(meant, subscriber)
    end
  end
  tell(alert, alert.updated, meant)
  claim(alert, meant)
  table.insert(updated, alert.updated.id)
end

-- Whether what was judged is older than what was told: it came late, from a reader that died.
local function late(entry, told)
  local ms, seq = entry:match('(%d+)-(%d+)')
  local told_ms, told_seq = told:match('(%d+)-(%d+)')
  if #ms ~= #told_ms or ms ~= told_ms then
    return #ms < #told_ms or (#ms == #told_ms and ms < told_ms)
  end
  return #seq < #told_seq or (#seq == #told_seq and seq < told_seq)
end

local function decide(alert)
  local known, is_held, entry =
    unpack(redis.call('HMGET', alert_key(alert.id), 'revision', 'held', 'entry'))
  if known == alert.revision or (known and entry and late(alert.entry, entry)) then
    table.insert(repeated, alert.id)
  elseif known then
    correct(alert, is_held)
  else
    local subscribers, told = untold(alert)
    if told and #subscribers == 0 then
      count(alert)
    else
      create(alert, subscribers)
    end
  end
end

-- The next copy of its story may be told of, to those whom this alert had reached.
local function unclaim(alert)
  local key = reached_key(alert.story)
  for name in (redis.call('HGET', alert_key(alert.id), 'subscribers') or ''):gmatch('%S+') do
    if teller_to(alert, name) == alert.id then
      redis.call('HDEL', key, reached_field(alert.watchlist, name))
    end
  end
  if redis.call('HGET', key, alert.watchlist) == alert.id then
    redis.call('HDEL', key, alert.watchlist)
  end
end

local function retract(alert)
  local key = alert_key(alert.id)
  local known, is_held, gone, entry =
    unpack(redis.call('HMGET', key, 'revision', 'held', 'retracted', 'entry'))
  if not known or known == alert.revision or gone or (entry and late(alert.entry, entry)) then
    return
  end
  unclaim(alert)
  if is_held then -- nobody has heard of it, and it never was
    redis.call('ZREM', held_key(throttle_bundle(alert.watchlist)), alert.id)
    redis.call('HDEL', alerted_key(alert.digest), alert.watchlist)
    redis.call('DEL', key)
  else
    redis.call('HSET', key, 'retracted', 1)
    tell(alert, alert.event, alert.event.subscribers)
    table.insert(retracted, alert.event.id)
  end
end

local finished, is_finished, kept, stale, passed_over = {}, {}, {}, {}, {}
local function finish(entry)
  table.insert(finished, entry.id)
  is_finished[entry.id] = true
end
for _, entry in ipairs(judged) do
  if entry.stale then
    table.insert(stale, entry.id)
  elseif entry.overtaken then
    table.insert(passed_over, entry.id)
    finish(entry)
  elseif entry.mine then
    for _, alert in ipairs(entry.alerts) do
      decide(alert)
    end
    for _, retraction in ipairs(entry.retractions) do
      retract(retraction)
    end
    table.insert(kept, entry)
    finish(entry)
  end
end
local dead_count = 0
for _, letter in ipairs(letters) do
  if letter.mine then
    redis.call('XADD', dead, '*', 'entry', letter.id, 'at', at, 'reason', letter.reason,
      'deliveries', letter.times, unpack(letter.fields))
    dead_count = dead_count + 1
    finish(letter)
  end
end
if deliveries > 0 and redis.call('LLEN', bell) == 0 then
  redis.call('RPUSH', bell, 1)
end
if #finished > 0 then
  keep_places(kept, oldest_but(is_finished))
  redis.call('XACK', stream, GROUP, unpack(finished))
end

local others = #judged + #letters - #finished - #stale
return { created, updated, retracted, stories, repeated, counted, held, stale, passed_over, deliveries,
  dead_count, others }

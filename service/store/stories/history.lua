#!lua
-- Has articles join their stories, and reads what was sent before that bears on their alerts.
--
-- An article that is in its story already changes nothing, so the script may be run again. Of an
-- article that would begin a story nothing is done where another story has begun at one of its keys
-- since the decision: it may be that one's copy. Nor where the story to join has ended.
--
-- KEYS  stream
-- ARGV  key prefix, window of a story (ms), how many alerts of watchlists that are not asked for are
--   read in this call, articles (JSON), then their texts' records; each article:
--       `article` (digest of its id), `revision`, `watchlists`, and where one matched, `join`, `alerts`
--       (all ids that these would have, in one text) and `throttled` (ids of watchlists); where
--       a further call asks for more of its alerts, `part`; in such a call `joined`, and in the last
--       one `others`, the ids of watchlists that were asked for before
--       of an entry that was written again: `origin`, the id of the entry that it repeats
--         each watchlist: `id`, `alert`, `throttled`, and where its alerts go by story, `subscribers`
--         join: `story`, `source`, `named` (the source as it names itself), `copy` (what is kept of
--         the article with its story), and for the first article of a story `keys`, `version` (of
--         the stories at these), `published` (ms) and `record` (its number)
-- Returns ms of now, and for each article 0 when it is to be placed again, -1 where its entry repeats what
--   it says no more, or: 1 where nothing was
--   sent of it nor of its story (then its alerts are the fields of their throttles); the id of its story or
--   nil; ms at which that began or nil, how many articles it has, its sources; how many alerts the
--   article has, the place of its newest decided entry or nil, and its alerts; each: watchlist, alert,
--   fields of its record and of its throttle, names of the fields of the story's reach and what they
--   hold, alerts among these that nobody has heard of, body of the alert's latest event or nil. Then the
--   watchlists and alerts, by turns, of which there was no room to read more

-- include keys

-- include stories/key_stories

local MAX_STORIES = 16 -- newest ones that are kept at a key
local MAX_COPIES = 50 -- articles of a story that are kept with it, the first ones
local MAX_SOURCES = 300 -- of a story: more than any milestone needs

local ALERT_LENGTH = 36 -- of an alert's id
local RUN = 500 -- keys of one command: a script passes on a few thousand arguments

local window = tonumber(ARGV[2])
local most_others, articles = tonumber(ARGV[3]), cjson.decode(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function is_alive(story)
  return redis.call('HEXISTS', story_key(story), 'record') == 1
end

local function is_in(article, story)
  return redis.call('GET', story_of_key(article.article)) == story and is_alive(story)
end

local at_key = {} -- the stories at each key of the batch, those that it begins too
local function begin(join)
  local key = story_key(join.story)
  redis.call('DEL', key, sources_key(join.story), reached_key(join.story), copies_key(join.story))
  redis.call('HSET', key, 'first', now, 'articles', 0, 'record', ARGV[4 + join.record],
    'published', join.published, 'teller', join.teller)
  redis.call('PEXPIRE', key, window)
  for _, each in ipairs(join.keys) do
    at_key[each] = at_key[each]:sub(-ID_LENGTH * (MAX_STORIES - 1)) .. join.story
    redis.call('SET', near_key(each), at_key[each], 'PX', window)
  end
end

-- What is kept of the article with its story: a correction has another stream entry.
local function keep_copy(article, join, left)
  local copies = copies_key(join.story)
  if redis.call('HEXISTS', copies, article.article) == 1 or redis.call('HLEN', copies) < MAX_COPIES then
    redis.call('HSET', copies, article.article, join.copy)
    redis.call('PEXPIRE', copies, left)
  end
end

-- Whether the article is in its story now.
local function join_story(article, join)
  if is_in(article, join.story) then
    keep_copy(article, join, math.max(1, redis.call('PTTL', story_key(join.story))))
    return true
  end
  if join.keys and join.current then
    begin(join)
  elseif join.keys or not is_alive(join.story) then
    return false
  end
  local former = redis.call('GET', story_of_key(article.article))
  if former then
    redis.call('HDEL', copies_key(former), article.article)
  end
  local key, sources = story_key(join.story), sources_key(join.story)
  local left = math.max(1, redis.call('PTTL', key))
  redis.call('HINCRBY', key, 'articles', 1)
  if join.source ~= '' and redis.call('HLEN', sources) < MAX_SOURCES then
    redis.call('HSETNX', sources, join.source, join.named)
    redis.call('PEXPIRE', sources, left)
  end
  redis.call('SET', story_of_key(article.article), join.story, 'PX', left)
  keep_copy(article, join, left)
  return true
end

-- Whom the watchlist has reached with the story: fields, what they hold, and held alerts of these.
local function reach_of(story, watchlist, names)
  if not story then
    return {}, {}, {}
  end
  local fields = { watchlist, milestone_field(watchlist) }
  for _, name in ipairs(names) do
    table.insert(fields, reached_field(watchlist, name))
  end
  local found, held, seen = {}, {}, {}
  for first = 1, #fields, RUN do -- a script passes on a few thousand arguments
    local last = math.min(first + RUN - 1, #fields)
    local some = redis.call('HMGET', reached_key(story), unpack(fields, first, last))
    for i, alert in ipairs(some) do found[first + i - 1] = alert end
  end
  for i, alert in ipairs(found) do
    if i ~= 2 and alert and not seen[alert] then
      seen[alert] = true
      local key = alert_key(alert) -- one that was withdrawn has no record: nobody heard of it either
      if redis.call('HEXISTS', key, 'held') == 1 or redis.call('EXISTS', key) == 0 then
        table.insert(held, alert)
      end
    end
  end
  return fields, found, held
end

local function alert_history(article, story, asked)
  local record = redis.call('HMGET', alert_key(asked.alert), 'revision', 'entry', 'latest', 'held',
    'retracted', 'subscribers', 'later')
  local body = record[1] and record[1] ~= article.revision and record[3]
    and redis.call('HGET', alert_key(record[3]), 'body')
  local names, seen = {}, {}
  local function add(name)
    if not seen[name] then
      seen[name] = true
      table.insert(names, name)
    end
  end
  for _, name in ipairs(asked.subscribers or {}) do
    add(name)
  end
  for name in (record[6] or ''):gmatch('%S+') do
    add(name)
  end
  local throttle = asked.throttled and redis.call('HMGET', throttle_key(asked.id), 'till', 'count')
  local fields, found, held = reach_of(asked.subscribers and story, asked.id, names)
  return { asked.id, asked.alert, record, throttle or {}, fields, found, held, body }
end

-- Whether nothing was sent of the article, nor to anybody of its story: so it is with most.
local function is_untold(article, story)
  local keys = { alerted_key(article.article), story and reached_key(story) or nil }
  for first = 1, #article.alerts, ALERT_LENGTH do
    keys[#keys + 1] = alert_key(article.alerts:sub(first, first + ALERT_LENGTH - 1))
  end
  for first = 1, #keys, RUN do
    if redis.call('EXISTS', unpack(keys, first, math.min(first + RUN - 1, #keys))) > 0 then
      return false
    end
  end
  return true
end

local function throttles_of(article)
  local found = {}
  for i, id in ipairs(article.throttled) do
    found[i] = redis.call('HMGET', throttle_key(id), 'till', 'count')
  end
  return found
end

local others_read = 0
local function history_of(article)
  local story = redis.call('GET', story_of_key(article.article))
  local untold = article.alerts and is_untold(article, story)
  if story and not (article.join or article.joined) then -- its new text matches nothing, so it cannot tell the story
    redis.call('HDEL', copies_key(story), article.article)
  end
  local rows, asked_for, left = untold and throttles_of(article) or {}, {}, {}
  for i, asked in ipairs(article.watchlists) do
    rows[i] = alert_history(article, story, asked)
    asked_for[asked.id] = true
  end
  for _, id in ipairs(article.others or {}) do
    asked_for[id] = true
  end
  local alerted = article.part and {} or redis.call('HGETALL', alerted_key(article.article))
  for i = 1, #alerted, 2 do
    if not asked_for[alerted[i]] and others_read >= most_others then
      table.insert(left, alerted[i])
      table.insert(left, alerted[i + 1])
    elseif not asked_for[alerted[i]] then
      others_read = others_read + 1
      local asked = { id = alerted[i], alert = alerted[i + 1], subscribers = {} }
      table.insert(rows, alert_history(article, story, asked))
    end
  end
  local first, count, sources = false, 0, {}
  if story and article.join then
    first, count = unpack(redis.call('HMGET', story_key(story), 'first', 'articles'))
    sources = redis.call('HVALS', sources_key(story))
  end
  local newest = redis.call('ZSCORE', decided_key(), article.article)
  return { untold and 1 or 0, story, first, count, sources, #alerted / 2, newest, rows, left }
end

-- Whether an entry that was written again, as a copy that may tell its story, is an earlier version
-- of its article: a newer one has taken its place in the story since, or has left that.
local function is_outdated(article)
  local story = article.origin and redis.call('GET', story_of_key(article.article))
  if not story or not is_alive(story) then
    return false
  end
  local copy = redis.call('HGET', copies_key(story), article.article)
  local facts = copy and cjson.decode(copy) or {}
  return (facts.origin or facts.entry) ~= article.origin
end

-- What the batch itself begins was known to the decision: only what others have begun counts.
for _, article in ipairs(articles) do
  local join = article.join
  if join and join.keys then
    local lists, version = stories_at(join.keys)
    join.current = version == join.version
    for number, key in ipairs(join.keys) do
      at_key[key] = lists[number]
    end
  end
end
local found = {}
for i, article in ipairs(articles) do
  if is_outdated(article) then
    found[i] = -1
  else
    local placed = not article.join or join_story(article, article.join)
    found[i] = placed and history_of(article) or 0
  end
end
return { now, found }

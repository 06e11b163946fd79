#!lua
-- What is known of articles before their alerts are made: the story that each belongs to, and what
-- was told of another revision of it. An article that alerts joins its story here; a second time
-- changes nothing.
--
-- KEYS  stream
-- ARGV  key prefix, window of a story (ms), least equal bytes of pairs, bytes of pairs, least
--       equal bytes of facts, bytes of facts, number of articles; each:
--         digest of its id, revision, its source in small letters and as
--         it names itself, id of the story that it would begin, signature
--         (empty where no watchlist matched), number of keys; each: key
-- Returns for each article: {story id, first seen (ms), articles, names of its sources} or
--   nil; for each of its watchlists with another revision:
--   {watchlist, alert id, revision, event or nil, subscribers or nil, 1 when it was retracted};
--   and the version of these, which the commit compares
--
-- Articles of one text are found by any key in common, and compared with the first article of a
-- story only: were it any of them, a story could wander off step by step.

-- include keys

-- include deliveries/arguments

local window = tonumber(take())
local least_pairs, pairs_size = tonumber(take()), tonumber(take())
local least_facts, facts_size = tonumber(take()), tonumber(take())
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include stories/told

local ID = 20 -- characters of a story's id
local MOST = 4 -- newest stories that are kept at a key
local MOST_SOURCES = 300 -- more than any milestone needs
local COMPARED = 8 -- stories that a text is compared with: those with the most keys in common

local function equal(a, b, from, to)
  local count = 0
  for at = from, math.min(to, #a, #b) do
    if a[at] == b[at] then
      count = count + 1
    end
  end
  return count
end

-- How many bytes of pairs agree, or nil where the texts are no near-copies.
local function likeness(a, b)
  local count = equal(a, b, 1, pairs_size)
  if count < least_pairs then
    return nil
  end
  local end_of_facts = pairs_size + facts_size
  if #a == end_of_facts and #b == end_of_facts
      and equal(a, b, pairs_size + 1, end_of_facts) < least_facts then
    return nil
  end
  return count
end

-- The stories that share a key with the text: those that share the most first, then the earliest.
local function candidates(article)
  local shared, ids = {}, {}
  for _, key in ipairs(article.keys) do
    local found = redis.call('GET', near_key(key)) or ''
    for at = 1, #found, ID do
      local id = found:sub(at, at + ID - 1)
      if not shared[id] then
        shared[id] = 0
        table.insert(ids, id)
      end
      shared[id] = shared[id] + 1
    end
  end
  local place = {}
  for i, id in ipairs(ids) do
    place[id] = i
  end
  table.sort(ids, function(a, b)
    if shared[a] ~= shared[b] then
      return shared[a] > shared[b]
    end
    return place[a] < place[b]
  end)
  return ids
end

-- The story that the text is most like; among equals the one that was found first.
local function find(article)
  local best, most, compared = nil, 0, 0
  local ours = { article.signature:byte(1, -1) }
  for _, id in ipairs(candidates(article)) do
    local signature = redis.call('HGET', story_key(id), 'signature')
    if signature then
      local count = likeness(ours, { signature:byte(1, -1) })
      if count and count > most then
        best, most = id, count
      end
      compared = compared + 1
      if compared == COMPARED then
        break
      end
    end
  end
  return best
end

local function begin(article)
  local id = article.story
  local key = story_key(id)
  redis.call('DEL', key, sources_key(id), reached_key(id))
  redis.call('HSET', key, 'first', now, 'articles', 0, 'signature', article.signature)
  redis.call('PEXPIRE', key, window)
  for _, each in ipairs(article.keys) do
    local near = near_key(each)
    local ids = (redis.call('GET', near) or ''):sub(-ID * (MOST - 1))
    redis.call('SET', near, ids .. id, 'PX', window)
  end
  return id
end

-- Whether the article is still what its story is about: a page may get another text.
local function stays(article, story)
  local signature = redis.call('HGET', story_key(story), 'signature')
  if not signature or story == article.story then
    return signature
  end
  return likeness({ article.signature:byte(1, -1) }, { signature:byte(1, -1) })
end

local function join(article)
  local place = story_of_key(article.id)
  local known = redis.call('GET', place)
  if known and stays(article, known) then
    return known
  end
  local id = find(article) or begin(article)
  local key = story_key(id)
  local left = math.max(1, redis.call('PTTL', key))
  redis.call('HINCRBY', key, 'articles', 1)
  local sources = sources_key(id)
  if article.source ~= '' and redis.call('HLEN', sources) < MOST_SOURCES then
    redis.call('HSETNX', sources, article.source, article.named)
    redis.call('PEXPIRE', sources, left)
  end
  redis.call('SET', place, id, 'PX', left)
  return id
end

local function story_of(article)
  if article.signature == '' then
    return false
  end
  local id = join(article)
  local key = story_key(id)
  local first, articles = unpack(redis.call('HMGET', key, 'first', 'articles'))
  return { id, first, articles, redis.call('HVALS', sources_key(id)) }
end

local function past_of(article)
  local told = told_of(article.id, article.revision)
  local version = version_of(told)
  for _, each in ipairs(told) do
    local latest, subscribers, gone =
      unpack(redis.call('HMGET', alert_key(each[2]), 'latest', 'subscribers', 'retracted'))
    local event = latest and redis.call('HGET', alert_key(latest), 'body')
    each[4], each[5], each[6] = event, subscribers, gone
  end
  return { story_of(article), told, version }
end

local related = {}
for i = 1, tonumber(take()) do
  local article = { id = take(), revision = take(), source = take(), named = take(),
    story = take(),
    signature = take(), keys = {} }
  for j = 1, tonumber(take()) do
    article.keys[j] = take()
  end
  related[i] = past_of(article)
end
return related

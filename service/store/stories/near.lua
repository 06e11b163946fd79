-- The stories that may be those of some articles: each article's present one, and those of which
-- the newest texts share a key with it. Placing the articles is decided in placement.py.
--
-- KEYS  stream
-- ARGV  key prefix, articles (JSON), each: `article` (digest of its id), `keys`
-- Returns ms of now; the articles, each: id of its present story or nil, a hash of the stories at its
--   keys, those of these that share the most telling keys, the best first; and what is stored of the
--   texts of all these stories: id, record, ms at which it was published, who published it, …

-- include keys

-- include stories/key_stories

local MAX_NEAR = 16 -- as MAX_COMPARED in placement.py

local texts, known = {}, {}
-- A story that an earlier version of this program has begun has no record: it cannot be compared.
local function is_comparable(story)
  if known[story] == nil then
    local found = redis.call('HMGET', story_key(story), 'record', 'published', 'teller')
    known[story] = found[1] and true or false
    if found[1] then
      table.insert(texts, story)
      table.insert(texts, found[1])
      table.insert(texts, found[2] or '0')
      table.insert(texts, found[3] or '')
    end
  end
  return known[story]
end

-- A key that few stories have tells more than one that all of a template have. Where many reports
-- are made of one template, most of their keys have the same list: that is read once.
local function most_telling(lists)
  local times, weights, ids, place = {}, {}, {}, {}
  for _, found in ipairs(lists) do
    times[found] = (times[found] or 0) + 1
  end
  for _, found in ipairs(lists) do
    local weight = (times[found] or 0) * ID_LENGTH / math.max(ID_LENGTH, #found)
    times[found] = nil
    for at = 1, weight > 0 and #found or 0, ID_LENGTH do
      local id = found:sub(at, at + ID_LENGTH - 1)
      if not weights[id] then
        weights[id] = 0
        table.insert(ids, id)
        place[id] = #ids
      end
      weights[id] = weights[id] + weight
    end
  end
  table.sort(ids, function(a, b)
    if weights[a] ~= weights[b] then
      return weights[a] > weights[b]
    end
    return place[a] < place[b]
  end)
  local most = {}
  for _, id in ipairs(ids) do
    if #most < MAX_NEAR and is_comparable(id) then
      table.insert(most, id)
    end
  end
  return most
end

local rows, time = {}, redis.call('TIME')
for i, article in ipairs(cjson.decode(ARGV[2])) do
  local lists, version = stories_at(article.keys)
  local present = redis.call('GET', story_of_key(article.article))
  rows[i] = { present and is_comparable(present) and present, version, most_telling(lists) }
end
return { time[1] * 1000 + math.floor(time[2] / 1000), rows, texts }

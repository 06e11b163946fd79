-- The stories that may be those of some articles: each article's present one, and those of which
-- the newest texts share a key with it. Placing the articles is decided in placement.py.
--
-- KEYS  stream
-- ARGV  key prefix, articles (JSON), each: `article` (digest of its id), `keys`
-- Returns the articles; each: id of its present story or nil, a hash of the stories at its keys,
--   those of these that share the most keys, the first found first; each: id, number of keys; and
--   then the signatures of all these stories: id, signature, …

-- include keys

-- include stories/key_stories

local MAX_NEAR = 8 -- as MAX_COMPARED in placement.py

local signatures, known = {}, {}
local function is_alive(story)
  if known[story] == nil then
    local signature = redis.call('HGET', story_key(story), 'signature')
    known[story] = signature and true or false
    if signature then
      table.insert(signatures, story)
      table.insert(signatures, signature)
    end
  end
  return known[story]
end

local function most_shared(lists)
  local shared, ids, place = {}, {}, {}
  for _, found in ipairs(lists) do
    for id in found:gmatch(string.rep('.', ID_LENGTH)) do
      if not shared[id] then
        shared[id] = 0
        table.insert(ids, id)
        place[id] = #ids
      end
      shared[id] = shared[id] + 1
    end
  end
  table.sort(ids, function(a, b)
    if shared[a] ~= shared[b] then
      return shared[a] > shared[b]
    end
    return place[a] < place[b]
  end)
  local most = {}
  for _, id in ipairs(ids) do
    if #most < MAX_NEAR and is_alive(id) then
      table.insert(most, { id, shared[id] })
    end
  end
  return most
end

local rows = {}
for i, article in ipairs(cjson.decode(ARGV[2])) do
  local lists, version = stories_at(article.keys)
  local present = redis.call('GET', story_of_key(article.article))
  rows[i] = { present and is_alive(present) and present, version, most_shared(lists) }
end
return { rows, signatures }

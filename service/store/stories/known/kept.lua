-- Of which articles something is kept: a text, an alert, a story. Of most that match nothing it is not.
--
-- KEYS  stream
-- ARGV  key prefix, digests of their identities in one text: for each its own, and that of its id
--       alone, by which earlier versions knew it
-- Returns the places of these articles, from 0

-- include keys

local DIGEST = 32 -- characters of one
local RUN = 125 -- articles whose keys one command asks for: a script passes on a few thousand arguments

local function keys_of(at)
  local article = ARGV[2]:sub(at, at + DIGEST - 1)
  local earlier = ARGV[2]:sub(at + DIGEST, at + 2 * DIGEST - 1)
  return texts_key(article), alerted_key(article), story_of_key(article), alerted_key(earlier)
end

local known = {}
for first = 1, #ARGV[2], 2 * DIGEST * RUN do
  local keys, last = {}, math.min(first + 2 * DIGEST * RUN - 1, #ARGV[2])
  for at = first, last, 2 * DIGEST do
    local n = #keys
    keys[n + 1], keys[n + 2], keys[n + 3], keys[n + 4] = keys_of(at)
  end
  if redis.call('EXISTS', unpack(keys)) > 0 then
    for at = first, last, 2 * DIGEST do
      if redis.call('EXISTS', keys_of(at)) > 0 then
        table.insert(known, (at - 1) / (2 * DIGEST))
      end
    end
  end
end
return known

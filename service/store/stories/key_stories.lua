-- The stories at the keys of a text: a part of other scripts.

local ID_LENGTH = 20 -- characters of a story's id

-- A list of ids for each key, and a hash that changes with any of them.
local function stories_at(keys)
  local lists = {}
  for i, key in ipairs(keys) do
    lists[i] = redis.call('GET', near_key(key)) or ''
  end
  return lists, redis.sha1hex(table.concat(lists, ' '))
end

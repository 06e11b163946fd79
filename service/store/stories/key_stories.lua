-- The stories at the keys of a text: a part of other scripts.

local ID_LENGTH = 20 -- characters of a story's id

-- A list of ids for each key, and a hash that changes with any of them: a story is added at the end.
local function stories_at(keys)
  local lists, newest = {}, {}
  for i, key in ipairs(keys) do
    lists[i] = redis.call('GET', near_key(key)) or ''
    newest[i] = lists[i]:sub(-ID_LENGTH)
  end
  return lists, redis.sha1hex(table.concat(newest, ' '))
end

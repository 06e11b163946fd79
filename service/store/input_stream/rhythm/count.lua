-- Counts what came in some slots.
--
-- KEYS  stream
-- ARGV  key prefix, ms for which a slot is kept, most names of a slot, then for each slot: its number,
--       articles, `1` where not all names are here, how many names follow, each name and its number
-- Returns nothing.

-- include keys

local keep, most = tonumber(ARGV[2]), tonumber(ARGV[3])
local at = 4
while ARGV[at] do
  local key, names = arrivals_key(ARGV[at]), tonumber(ARGV[at + 3])
  redis.call('HINCRBY', key, 'articles', ARGV[at + 1])
  local room = most - redis.call('HLEN', key)
  if ARGV[at + 2] == '1' or room < names then redis.call('HSET', key, 'full', 1) end
  for i = 0, names - 1 do
    local name, number = ARGV[at + 4 + 2 * i], ARGV[at + 5 + 2 * i]
    if room >= names or redis.call('HEXISTS', key, name) == 1 then
      redis.call('HINCRBY', key, name, number)
    end
  end
  redis.call('PEXPIRE', key, keep)
  at = at + 4 + 2 * names
end

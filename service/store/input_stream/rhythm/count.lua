-- Counts what came in some slots, once: a slot keeps the number of the last writing of each writer.
--
-- KEYS  stream
-- ARGV  key prefix, ms for which a slot is kept, most names of a slot, the writer, the number of its
--       writing, then for each slot: its number, articles, `1` where not all names are here, how many
--       names follow, each name and its number
-- Returns nothing.

-- include keys

local keep, most, writer, writing = tonumber(ARGV[2]), tonumber(ARGV[3]), 'by:' .. ARGV[4], ARGV[5]
local at = 6
while ARGV[at] do
  local key, names = arrivals_key(ARGV[at]), tonumber(ARGV[at + 3])
  if redis.call('HGET', key, writer) ~= writing then
    redis.call('HSET', key, writer, writing)
    redis.call('HINCRBY', key, 'articles', ARGV[at + 1])
    local room = most + 1 - redis.call('HLEN', key)
    if ARGV[at + 2] == '1' or room < names then redis.call('HSET', key, 'full', 1) end
    for i = 0, names - 1 do
      local name, number = ARGV[at + 4 + 2 * i], ARGV[at + 5 + 2 * i]
      if room >= names or redis.call('HEXISTS', key, name) == 1 then
        redis.call('HINCRBY', key, name, number)
      end
    end
    redis.call('PEXPIRE', key, keep)
  end
  at = at + 4 + 2 * names
end

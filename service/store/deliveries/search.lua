#!lua flags=no-writes
-- Looks through the deliveries of one state, newest first, a step at a time.
--
-- KEYS  stream
-- ARGV  key prefix, state, delivery at which the step before ended (empty: begin) and its score, least
--       score, how many to look at, subscriber (empty: any), watchlist (empty: any), least and most
--       time of creation (ms)
-- Returns the delivery at which this step ended and its score (empty: there are no more), and for
--   each that fits: id, score, subscriber, time of creation (ms).

-- include keys

local state, last, score, least, most, subscriber, watchlist, from, to = unpack(ARGV, 2)
local index = deliveries_key(state)
least, from, to = tonumber(least), tonumber(from), tonumber(to)

local start = 0
if last ~= '' then
  if redis.call('ZSCORE', index, last) == score then
    start = redis.call('ZREVRANK', index, last) + 1
  else -- it has left the state meanwhile: those of its moment are looked at once more
    start = redis.call('ZCOUNT', index, '(' .. score, '+inf')
  end
end
local page = redis.call('ZRANGE', index, start, start + most - 1, 'REV', 'WITHSCORES')
local found = {}
for i = 1, #page, 2 do
  local id, at = page[i], page[i + 1]
  if tonumber(at) < least then
    return { '', '', found }
  end
  local its, list, created =
    unpack(redis.call('HMGET', delivery_key(id), 'subscriber', 'watchlist', 'created'))
  if its and (subscriber == '' or its == subscriber) and (watchlist == '' or list == watchlist)
    and tonumber(created) >= from and tonumber(created) <= to then
    table.insert(found, { id, at, its, created })
  end
end
if #page < 2 * most then
  return { '', '', found }
end
return { page[#page - 1], page[#page], found }

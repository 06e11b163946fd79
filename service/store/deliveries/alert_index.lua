#!lua flags=no-writes
-- Looks through the list of alerts, newest first, a step at a time.
--
-- KEYS  stream
-- ARGV  key prefix, alert at which the step before ended (empty: begin) and its ms (at first: the last
--       that is wanted, or +inf), least ms, how many to look at, watchlist (empty: any),
--       verdicts: '1' for those that have one, '0' for those that have none (empty: any)
-- Returns the alert at which this step ended and its ms (empty: there are no more), and for each that
--   fits: id, ms.

-- include keys

local last, at, least, most, watchlist, judged = unpack(ARGV, 2)
local index = alerts_key()
least = tonumber(least)

local function fits(id)
  local alert = alert_key(id)
  return (watchlist == '' or redis.call('HGET', alert, 'watchlist') == watchlist)
    and (judged == '' or redis.call('HEXISTS', alert, 'verdicts') == tonumber(judged))
end

local start
if last ~= '' and redis.call('ZSCORE', index, last) == at then
  start = redis.call('ZREVRANK', index, last) + 1
else -- the first step, or it has gone meanwhile: those of its moment are looked at once more
  start = redis.call('ZCOUNT', index, '(' .. at, '+inf')
end
local page = redis.call('ZRANGE', index, start, start + most - 1, 'REV', 'WITHSCORES')
local found = {}
for i = 1, #page, 2 do
  local id, ms = page[i], page[i + 1]
  if tonumber(ms) < least then
    return { '', '', found }
  end
  if fits(id) then
    table.insert(found, { id, ms })
  end
end
if #page < 2 * most then
  return { '', '', found }
end
return { page[#page - 1], page[#page], found }

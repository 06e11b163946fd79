-- Writes what somebody says of an alert, and keeps the text that it was about.
--
-- KEYS  stream
-- ARGV  key prefix, alert, the verdict (JSON), how many verdicts to keep, ms to keep the text
-- Returns 'given'; 'gone' where there is no such alert (any more); else the type of the event, which
--   is not about one article.

-- include keys

local stream = KEYS[1]
local id, said, most, keep = unpack(ARGV, 2)
local alert = alert_key(id)

if redis.call('HEXISTS', alert, 'revision') == 0 then
  return 'gone'
end
local event = redis.call('HGET', alert, 'type')
if event ~= 'alert.created' then
  return event
end

local readable, before = pcall(cjson.decode, redis.call('HGET', alert, 'verdicts') or '[]')
local given = {}
if readable and type(before) == 'table' then
  for _, one in ipairs(before) do
    table.insert(given, one)
  end
end
table.insert(given, cjson.decode(said))
while #given > tonumber(most) do
  table.remove(given, 1)
end
redis.call('HSET', alert, 'verdicts', cjson.encode(given)) -- first: a full server refuses it

local judged = judged_key(id)
local entry = redis.call('HGET', alert, 'entry')
local found = entry and redis.call('XRANGE', stream, entry, entry) or {}
if #found > 0 then
  local fields = found[1][2]
  redis.call('DEL', judged)
  for first = 1, #fields, 1000 do
    redis.call('HSET', judged, unpack(fields, first, math.min(first + 999, #fields)))
  end
  redis.call('HSET', judged, ' id', entry) -- last: a field of the entry may be called so
end
redis.call('PEXPIRE', judged, keep)
return 'given'

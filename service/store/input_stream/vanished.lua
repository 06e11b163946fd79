-- Counts the entries that were trimmed or deleted before they were read or finished.
--
-- KEYS  stream
-- ARGV  key prefix
-- Returns how many since the last count, an id before all of them and an id behind; nil for none.
--
-- The server counts what was ever added. What was not read yet is known where nothing waits, and where
-- all that is left is unread; then whatever is neither finished nor pending has vanished. The first
-- count, and one after entries were read again, only begins the reckoning.

-- include keys

-- include input_stream/ids

local stream, progress = KEYS[1], progress_key()
local group = group_of(stream)
if not group then
  return false
end
local info = pairs_of(redis.call('XINFO', 'STREAM', stream))
local last, first = group['last-delivered-id'], info['first-entry'] and info['first-entry'][1]
local waits = #redis.call('XRANGE', stream, '(' .. last, '+', 'COUNT', 1) > 0
if waits and not earlier(last, first) then
  return false
end
local known = redis.call('HMGET', progress, 'finished', 'seen')
local added = info['entries-added'] - (waits and info.length or 0)
local finished = added - group.pending
local vanished = known[1] and finished - known[1] or 0
if vanished ~= 0 or not known[1] then
  redis.call('HSET', progress, 'finished', string.format('%.0f', finished))
end
local after = known[2] or last
if after ~= last or not known[2] then
  redis.call('HSET', progress, 'seen', last)
end
if vanished <= 0 then
  return false
end
redis.call('HINCRBY', progress, 'vanished', vanished)
local behind = first and earlier(after, first) and first or info['last-generated-id']
return { vanished, after, behind }

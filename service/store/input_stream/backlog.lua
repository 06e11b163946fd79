-- How far the input stream is read, and what waits in it.
--
-- KEYS  stream
-- ARGV  key prefix
-- Returns JSON: `now` (ms), `group` (whether there is one), `unread` (entries; absent: the server cannot
--   tell), `pending` (entries that were read and not finished), `last` (id of the newest entry), `unread_id`
--   and `pending_id` (of the first of these; absent: there is none), `added` (entries, ever), `vanished`, `dead` (letters that are kept)

-- include keys

-- include input_stream/ids

local stream = KEYS[1]
local time = redis.call('TIME')
local found = { now = time[1] * 1000 + time[2] / 1000, group = false, unread = 0, pending = 0, added = 0 }
found.vanished = tonumber(redis.call('HGET', progress_key(), 'vanished') or 0)
found.dead = redis.call('XLEN', dead_letters_key())
if redis.call('EXISTS', stream) == 1 then
  local info = pairs_of(redis.call('XINFO', 'STREAM', stream))
  local group = group_of(stream)
  found.last, found.added = info['last-generated-id'], info['entries-added']
  found.group = group and true or false
  local unread = redis.call('XRANGE', stream, group and '(' .. group['last-delivered-id'] or '-', '+', 'COUNT', 1)[1]
  if unread then
    found.unread_id = unread[1]
    found.unread = group and group.lag or nil
    if not group then
      found.unread = info.length
    end
  end
  if group then
    found.pending = group.pending
    local first = redis.call('XPENDING', stream, GROUP, '-', '+', 1)[1]
    found.pending_id = first and first[1]
  end
end
return cjson.encode(found)

-- Lets go of what is older than its retention.
--
-- KEYS  stream
-- ARGV  key prefix, retention of articles (ms), retention of alerts (ms)
-- Returns entries trimmed off the input stream, dead letters trimmed.
--
-- The input stream is cut before the first entry that any of its groups has still to read or to
-- acknowledge; while Tocsin's own group is missing everything is unread, and nothing is cut.

-- include keys

local stream, dead = KEYS[1], dead_letters_key()
local keep_articles, keep_alerts = ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include input_stream/ids

local function trim_articles()
  local cut = string.format('%.0f-0', math.max(0, now - keep_articles))
  local ours = false
  for _, fields in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local info = pairs_of(fields)
    ours = ours or info.name == GROUP
    local unread = redis.call('XRANGE', stream, '(' .. info['last-delivered-id'], '+', 'COUNT', 1)[1]
    local pending = redis.call('XPENDING', stream, info.name, '-', '+', 1)[1]
    for _, first in pairs({ unread and unread[1], pending and pending[1] }) do
      if first and earlier(first, cut) then
        cut = first
      end
    end
  end
  return ours and redis.call('XTRIM', stream, 'MINID', cut) or 0
end

local articles = redis.call('EXISTS', stream) == 1 and trim_articles() or 0
local ended = string.format('(%.0f', now - keep_alerts)
redis.call('ZREMRANGEBYSCORE', deliveries_key('delivered'), '-inf', ended)
redis.call('ZREMRANGEBYSCORE', deliveries_key('failed'), '-inf', ended)
redis.call('ZREMRANGEBYSCORE', alerts_key(), '-inf', ended)
local letters = redis.call('XTRIM', dead, 'MINID', string.format('%.0f-0', math.max(0, now - keep_alerts)))
return { articles, letters }

#!lua
-- Puts a set of rules in force in place of another.
--
-- KEYS  stream
-- ARGV  key prefix, version of the set that it replaces (0: there is none), set, what it holds (the
--       name of the key), its fields (JSON), its entry in the history (JSON; empty: it is the same
--       set), most entries of the history, how many sets are kept
-- Returns 1; 0 where another set is in force, or where what it holds is not there.

-- include keys

local rules, history = rules_key(), rules_history_key()
local replaces, set, content, fields, entry = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local most, kept = ARGV[7], tonumber(ARGV[8])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('XLEN', history)
local version, before = unpack(redis.call('HMGET', rules, 'version', 'content'))
if (version or '0') ~= replaces or redis.call('EXISTS', rules_content_key(content)) == 0 then
  return 0
end
for field, text in pairs(cjson.decode(fields)) do
  redis.call('HSET', rules, field, text)
end
redis.call('HSET', rules, 'version', replaces + 1, 'set', set, 'content', content)
redis.call('HDEL', rules, 'accepted')
redis.call('PERSIST', rules_content_key(content))
if entry ~= '' then
  redis.call('HSET', rules, 'since', now)
  redis.call('XADD', history, 'MAXLEN', most, '*', 'content', content, 'entry', entry)
end

-- Sets that are older than the last few go; one that came back stays. What was in force is not in the
-- history where only the places of its watchlists had changed.
local last = { [content] = true }
for number, one in ipairs(redis.call('XREVRANGE', history, '+', '-', 'COUNT', 4 * kept)) do
  local name = one[2][2]
  if number <= kept then
    last[name] = true
  elseif not last[name] then
    redis.call('UNLINK', rules_content_key(name))
  end
end
if before and not last[before] then
  redis.call('UNLINK', rules_content_key(before))
end
return 1

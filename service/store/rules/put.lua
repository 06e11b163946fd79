#!lua
-- Puts a set of rules in force in place of another.
--
-- KEYS  stream
-- ARGV  key prefix, version of the set that it replaces (0: there is none), set, what it holds (the
--       name of the key), its fields (JSON), its entry in the history (JSON; empty: it is the same
--       set), most entries of the history, how many sets are kept, the head of what it holds, the
--       names of its pieces (with spaces)
-- Returns 1; 0 where another set is in force; 2 and the names of the pieces that are not there.

-- include keys

local rules, history = rules_key(), rules_history_key()
local replaces, set, content, fields, entry = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local most, kept, head, pieces = ARGV[7], tonumber(ARGV[8]), ARGV[9], ARGV[10]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('XLEN', history)
redis.call('HLEN', rules_content_key(content))
local version, before = unpack(redis.call('HMGET', rules, 'version', 'content'))
if (version or '0') ~= replaces then
  return { 0 }
end
local missing = { 2 }
for piece in string.gmatch(pieces, '%S+') do
  if redis.call('EXISTS', rules_piece_key(piece)) == 0 then
    table.insert(missing, piece)
  end
end
if #missing > 1 then
  return missing
end
for field, text in pairs(cjson.decode(fields)) do
  redis.call('HSET', rules, field, text)
end
redis.call('HSET', rules, 'version', replaces + 1, 'set', set, 'content', content)
redis.call('HDEL', rules, 'accepted')
redis.call('HSET', rules_content_key(content), 'head', head, 'pieces', pieces)
if entry ~= '' then
  redis.call('HSET', rules, 'since', now)
  redis.call('XADD', history, 'MAXLEN', most, '*', 'content', content, 'entry', entry)
end

-- Sets that are older than the last few go; one that came back stays. What was in force is not in the
-- history where only the places of its watchlists had changed.
local last, gone = { [content] = true }, {}
for number, one in ipairs(redis.call('XREVRANGE', history, '+', '-', 'COUNT', 4 * kept)) do
  local name = one[2][2]
  if number <= kept then
    last[name] = true
  elseif not last[name] then
    table.insert(gone, name)
  end
end
if before and not last[before] then
  table.insert(gone, before)
end

-- A piece goes with the last set that has it.
local used = {}
for name in pairs(last) do
  local names = redis.call('HGET', rules_content_key(name), 'pieces') or ''
  for piece in string.gmatch(names, '%S+') do
    used[piece] = true
  end
end
for piece in string.gmatch(pieces, '%S+') do
  redis.call('PERSIST', rules_piece_key(piece))
end
for _, name in ipairs(gone) do
  local names = redis.call('HGET', rules_content_key(name), 'pieces') or ''
  for piece in string.gmatch(names, '%S+') do
    if not used[piece] then
      redis.call('UNLINK', rules_piece_key(piece))
    end
  end
  redis.call('UNLINK', rules_content_key(name))
end
return { 1 }

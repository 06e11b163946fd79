-- Commits a batch: checks what its decisions rest on, writes what was decided, acknowledges last.
--
-- KEYS  stream
-- ARGV  key prefix, the batch (JSON, of `plan.py`), then the texts that it names by number
-- Returns ids of entries that are done; of entries to decide again, since their history has changed;
--   number of new deliveries.
--
-- A script is not rolled back, so all reading comes before the first write: a key of a wrong type
-- stops it with nothing written. Should a write still fail, a repetition completes the work: an
-- alert counts as made only by its `revision`, which is written after its deliveries.

-- include keys

local stream, lanes, pending, dead = KEYS[1], lanes_key(), deliveries_key('pending'), dead_letters_key()
local bell, summaries, decided = bell_key(), bundles_key(), decided_key()
local batch = cjson.decode(ARGV[2])
local at, keep, time = batch.at, batch.keep, redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- include deliveries/queue

-- include deliveries/send

local function pending_from(first, last, count)
  return redis.call('XPENDING', stream, GROUP, first, last, count)
end

-- Whether a reading still gives what it gave when the entry was decided; most gave nothing.
local function holds(read, expected)
  local found = redis.call(unpack(read))
  found = type(found) == 'table' and found or { found }
  for i = 1, math.max(1, #read - 2) do
    if tostring(found[i] or '') ~= (expected and expected[i] or '') then
      return false
    end
  end
  return true
end

for command, keys in pairs(batch.reads) do
  for _, key in ipairs(keys) do redis.call(command, key) end
end
for _, keys in ipairs(batch.events) do -- they are there only where a commit broke off
  for _, key in ipairs(redis.call('EXISTS', unpack(keys)) > 0 and keys or {}) do redis.call('HLEN', key) end
end
for _, name in ipairs(batch.subscribers) do foreign_key(name) end
local ring = redis.call('LLEN', bell) == 0
local is_pending = {} -- other entries were finished by another worker
for _, row in ipairs(pending_from(batch.entries[1].id, '+', #batch.entries)) do -- neighbours, as a rule
  is_pending[row[1]] = true
end
local changed = {} -- what an entry that is not committed was to change: later ones rest on it
for _, entry in ipairs(batch.entries) do
  is_pending[entry.id] = is_pending[entry.id] or #pending_from(entry.id, entry.id, 1) == 1
  entry.good = is_pending[entry.id]
  for _, guard in ipairs(entry.guards) do
    entry.good = entry.good and not changed[guard.name or guard.read[2]] and holds(guard.read, guard.found)
  end
  for _, guard in ipairs(entry.good and {} or entry.guards) do changed[guard.name or guard.read[2]] = true end
end

for _, entry in ipairs(batch.entries) do
  for _, event in ipairs(entry.good and entry.events or {}) do send(event, event) end
end
queue_waiting()
local done, stale = {}, {}
for _, entry in ipairs(batch.entries) do
  if entry.good then
    for _, command in ipairs(entry.writes) do redis.call(unpack(command)) end
    for _, one in ipairs(entry.finished) do remember(one[1], entry.revision, one[2]) end
    local letter = entry.letter
    if letter then
      redis.call('XADD', dead, '*', 'entry', entry.id, 'at', at, 'reason', letter.reason,
        'deliveries', letter.deliveries, unpack(ARGV, letter.first, letter.last))
    end
    -- An article that matched nothing leaves no record; an older text of it, which another reader
    -- still has, would alert and never be retracted. So the place of each decision in the stream is
    -- kept while any older entry is pending.
    if entry.article then redis.call('ZADD', decided, 'GT', entry.place, entry.article) end
    if not entry.continues then table.insert(done, entry.id) end
  elseif is_pending[entry.id] then
    table.insert(stale, entry.id)
  end
end
if deliveries > 0 and ring then redis.call('RPUSH', bell, 1) end
if #done > 0 then
  local finished, key = redis.call('XACK', stream, GROUP, unpack(done)), progress_key()
  if redis.call('HEXISTS', key, 'finished') == 1 then redis.call('HINCRBY', key, 'finished', finished) end
end
local oldest = pending_from('-', '+', 1)[1]
local before = oldest and '(' .. oldest[1]:match('%d+') or '+inf' -- its ms: exact enough
local over = redis.call('ZCOUNT', decided, '-inf', before)
-- A part at a time: the server does nothing else meanwhile.
if over > 0 then redis.call('ZREMRANGEBYRANK', decided, 0, math.min(over, 5000) - 1) end
return { done, stale, deliveries }

-- Which entries are still pending, and which decision of an article is the newest: a part of other
-- scripts. Before it stand: stream, decided.
--
-- Of an article that matched nothing no record stays, so that an older text of it, which another
-- reader still has, would be told of afterwards and never be taken back. While any older entry is
-- pending, the place of each decision is kept; then it is forgotten.

local MOST_FORGOTTEN = 5000 -- at a time: the server does nothing else meanwhile

-- Where an entry stands in its stream, as a score: beyond the 4,096th of one millisecond all are one.
local function place_of(id)
  local ms, seq = id:match('(%d+)-(%d+)')
  return tonumber(ms) + math.min(tonumber(seq), 4095) / 4096
end

local function pending_from(first, count)
  return redis.call('XPENDING', stream, GROUP, first, '+', count)
end

-- Marks those entries as `mine` that are still pending: what is not was finished by another worker.
-- Returns a function that gives the oldest pending entry which is not among `finished`, if any.
local function look_up(entries)
  local first
  for _, entry in ipairs(entries) do
    entry.place = place_of(entry.id)
    if not first or entry.place < first.place then
      first = entry
    end
  end
  -- A batch stands together, nearly always: one look instead of one for each.
  local rows, listed = first and pending_from(first.id, #entries + 1) or {}, {}
  for _, row in ipairs(rows) do
    listed[row[1]] = true
  end
  for _, entry in ipairs(entries) do
    entry.mine = listed[entry.id]
      or (#rows > #entries and #redis.call('XPENDING', stream, GROUP, entry.id, entry.id, 1) == 1)
  end
  table.insert(rows, 1, pending_from('-', 1)[1])
  return function(finished)
    for _, row in ipairs(rows) do
      if not finished[row[1]] then
        return row[1]
      end
    end
  end
end

-- Whether a newer entry of the same article was decided before.
local function overtaken(entry)
  local place = redis.call('ZSCORE', decided, entry.digest)
  return place and tonumber(place) > entry.place
end

-- Keeps the places of these decisions as long as something older than they is pending.
local function keep_places(entries, oldest)
  if not oldest then
    redis.call('UNLINK', decided)
    return
  end
  local least, kept = place_of(oldest), {}
  for _, entry in ipairs(entries) do
    if entry.digest ~= '' and entry.place > least then
      table.insert(kept, string.format('%.17g', entry.place))
      table.insert(kept, entry.digest)
    end
  end
  if #kept > 0 then
    redis.call('ZADD', decided, 'GT', unpack(kept))
  end
  local over = redis.call('ZCOUNT', decided, '-inf', '(' .. string.format('%.17g', least))
  if over > 0 then
    redis.call('ZREMRANGEBYRANK', decided, 0, math.min(over, MOST_FORGOTTEN) - 1)
  end
end

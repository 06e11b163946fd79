-- What was told of an article's other revisions: a part of other scripts. 

-- Each: watchlist, alert id, revision; in one order, whoever asks.
local function told_of(digest, revision)
  local told = {}
  local alerted = redis.call('HGETALL', alerted_key(digest))
  for i = 1, #alerted, 2 do
    local known = redis.call('HGET', alert_key(alerted[i + 1]), 'revision')
    if known and known ~= revision then
      table.insert(told, { alerted[i], alerted[i + 1], known })
    end
  end
  table.sort(told, function(a, b) return a[1] < b[1] end)
  return told
end

-- The same in a word, to see whether it is what it was; empty: nothing was told.
local function version_of(told)
  if #told == 0 then
    return ''
  end
  local parts = {}
  for i, each in ipairs(told) do
    parts[i] = table.concat(each, ' ')
  end
  return redis.sha1hex(table.concat(parts, '\n'))
end

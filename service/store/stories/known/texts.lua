-- The texts that are known under the ids of some articles.
--
-- KEYS  stream
-- ARGV  key prefix, articles (JSON), each: `article` (digest of its identity), `earlier` (digest of
--       its id alone, by which versions before this one knew it)
-- Returns for each: names of the texts and what is kept of them, in turn; where there are none, the
--   body of the latest event about an alert that an earlier version made, or nil

-- include keys

local function earlier_event(article)
  for i, alert in ipairs(redis.call('HVALS', alerted_key(article))) do
    local latest = i == 1 and redis.call('HGET', alert_key(alert), 'latest')
    return latest and redis.call('HGET', alert_key(latest), 'body')
  end
  return false
end

local found = {}
for i, each in ipairs(cjson.decode(ARGV[2])) do
  local texts = redis.call('HGETALL', texts_key(each.article))
  found[i] = { texts, #texts == 0 and earlier_event(each.earlier) }
end
return found

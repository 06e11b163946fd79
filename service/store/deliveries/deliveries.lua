#!lua flags=no-writes
-- Reads deliveries: a pipeline of commands takes the client ten times as long.
--
-- KEYS  stream
-- ARGV  key prefix, deliveries
-- Returns for each: its fields, each name before its text (none: there is no such delivery), ms at which
--   it is due or its lease ends (''; it is not in its lane), ms at which it came into its state ('': it is not known).

-- include keys

local found = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local fields = redis.call('HGETALL', delivery_key(id))
  local of = {}
  for n = 1, #fields, 2 do
    of[fields[n]] = fields[n + 1]
  end
  local due = of.subscriber and redis.call('ZSCORE', lane_key(of.subscriber), id)
  local since = of.state and redis.call('ZSCORE', deliveries_key(of.state), id)
  found[i - 1] = { fields, due or '', since or '' }
end
return found

-- Forgets the receivers of subscribers that the rules have no more and for whom nothing waits.
--
-- KEYS  stream
-- ARGV  key prefix, subscribers that the rules have not

-- include keys

for i = 2, #ARGV do
  if redis.call('EXISTS', lane_key(ARGV[i]), out_key(ARGV[i])) == 0 then
    redis.call('HDEL', receivers_key(), ARGV[i])
  end
end

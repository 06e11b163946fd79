-- What stands in a bundle: a part of other scripts. 
-- The events with their scores, the best first, and a digest that changes with any of their texts.
local function contents(bundle)
  local held = redis.call('ZRANGE', held_key(bundle), 0, -1, 'REV', 'WITHSCORES')
  local said = {}
  for i = 1, #held, 2 do
    local revision = redis.call('HGET', alert_key(held[i]), 'revision')
    said[#said + 1] = held[i] .. ' ' .. held[i + 1] .. ' ' .. (revision or '')
  end
  return held, redis.sha1hex(table.concat(said, '\n'))
end

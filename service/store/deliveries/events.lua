-- Events as arguments bring them, one after the other: a part of other scripts.

-- include deliveries/send

-- Reading is done before the first write: a key of a wrong type stops the script.
local function read_recipient()
  local recipient = { name = take(), delivery = take(), not_before = tonumber(take()), bundle = take(),
    bundle_due = tonumber(take()) }
  redis.call('HLEN', delivery_key(recipient.delivery))
  foreign_key(recipient.name)
  redis.call('ZCARD', held_key(recipient.bundle))
  recipient.bundle = recipient.bundle ~= '' and recipient.bundle or nil
  return recipient
end

local function read_event()
  local event = { type = take(), id = take() }
  take()
  event.body = position
  event.count = tonumber(take())
  local portions = tonumber(take())
  if portions > 0 then
    event.portions = { position + 1, position + portions }
    position = position + portions
    redis.call('ZCARD', portions_key(event.id))
    redis.call('ZCARD', portioned_key())
  else
    event.to = take_list(event.count, read_recipient)
  end
  if event.type ~= '' then
    redis.call('HLEN', alert_key(event.id))
  end
  return event
end

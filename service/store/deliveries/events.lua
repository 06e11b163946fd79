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
  event.to = take_list(take(), read_recipient)
  if event.type ~= '' then
    redis.call('HLEN', alert_key(event.id))
  end
  return event
end

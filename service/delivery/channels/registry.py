"""Every channel that there is: what may stand in the rules, and what sends over it.

To add one, write its folder here and its line below (CONTRIBUTING.md, "A new channel").
"""

from __future__ import annotations

from service.delivery.channels.email.channel import EMAIL
from service.delivery.channels.relay.channel import RELAY
from service.delivery.channels.slack.channel import SLACK
from service.delivery.channels.webhook.channel import WEBHOOK
from service.delivery.senders import DeliveryChannel

CHANNELS: tuple[DeliveryChannel, ...] = (WEBHOOK, SLACK, EMAIL, RELAY)

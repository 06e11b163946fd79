"""Every Redis key that Tocsin keeps for one input stream S: name, type, use and lifetime.

The articles are in S itself; every other key begins with `tocsin:{S}:`. All of them hash to S's
slot, so that a script may touch any of them on Redis Cluster. Python builds keys from these
patterns (`Store.key`), and `lua_keys` in `client.py` makes the functions by which scripts build the
same ones. One module a family; their names are handed on here.
"""

from service.store.keys.alerts import (
    ALERT,
    ALERTED,
    ALERTS,
    ARTICLE_TEXTS,
    BUNDLES,
    DIGEST_BUNDLE,
    HELD,
    JUDGED,
    MUTED_FIELD,
    PORTIONED,
    PORTIONS,
    THROTTLE,
    THROTTLE_BUNDLE,
)
from service.store.keys.deliveries import (
    ATTEMPT_FIELD,
    BELL,
    CLAIM,
    DELIVERIES,
    DELIVERY,
    DISABLED,
    LANE,
    LANE_ASIDE,
    LANE_OUT,
    LANE_STATE,
    LANES,
    MOVED,
    RECEIVERS,
    RECIPIENTS,
    STATES,
    THREAD,
)
from service.store.keys.pattern import KeyPattern, Pattern
from service.store.keys.rhythm import ARRIVALS, QUIET, RHYTHM, RHYTHM_DUE, RHYTHMS
from service.store.keys.rules import (
    RULES,
    RULES_CONTENT,
    RULES_HISTORY,
    RULES_OFFERS,
    RULES_PIECE,
    RULES_WORKERS,
)
from service.store.keys.stories import (
    MILESTONE_FIELD,
    NEAR,
    REACHED_FIELD,
    STORY,
    STORY_COPIES,
    STORY_OF,
    STORY_REACHED,
    STORY_SOURCES,
)
from service.store.keys.stream import (
    DEAD_LETTERS,
    DECIDED,
    GROUP,
    PACE,
    PROGRESS,
    SILENCES,
    WORKERS,
    key_prefix,
)

KEYS: tuple[KeyPattern, ...] = tuple(
    each for each in tuple(globals().values()) if isinstance(each, KeyPattern)
)
"""All of them."""
TEXTS: tuple[Pattern, ...] = tuple(
    each for each in tuple(globals().values()) if type(each) is Pattern
)
"""What is built in the same way in several places, and is no key."""

__all__ = [
    "ALERT",
    "ALERTED",
    "ALERTS",
    "ARRIVALS",
    "ARTICLE_TEXTS",
    "ATTEMPT_FIELD",
    "BELL",
    "BUNDLES",
    "CLAIM",
    "DEAD_LETTERS",
    "DECIDED",
    "DELIVERIES",
    "DELIVERY",
    "DIGEST_BUNDLE",
    "DISABLED",
    "GROUP",
    "HELD",
    "JUDGED",
    "KEYS",
    "LANE",
    "LANES",
    "LANE_ASIDE",
    "LANE_OUT",
    "LANE_STATE",
    "MILESTONE_FIELD",
    "MOVED",
    "MUTED_FIELD",
    "NEAR",
    "PACE",
    "PORTIONED",
    "PORTIONS",
    "PROGRESS",
    "QUIET",
    "REACHED_FIELD",
    "RECEIVERS",
    "RECIPIENTS",
    "RHYTHM",
    "RHYTHMS",
    "RHYTHM_DUE",
    "RULES",
    "RULES_CONTENT",
    "RULES_HISTORY",
    "RULES_OFFERS",
    "RULES_PIECE",
    "RULES_WORKERS",
    "SILENCES",
    "STATES",
    "STORY",
    "STORY_COPIES",
    "STORY_OF",
    "STORY_REACHED",
    "STORY_SOURCES",
    "TEXTS",
    "THREAD",
    "THROTTLE",
    "THROTTLE_BUNDLE",
    "WORKERS",
    "key_prefix",
]

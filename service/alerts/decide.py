"""What becomes of a match, by what was sent before: the alert is new, corrected, counted or held.

Every function is pure. The store checks, when it writes a decision, that the history on which it
rests has not changed; an entry whose history has changed is decided again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from service.alerts.correction import Data
from service.alerts.decision import (
    AlertDecision,
    AlertDraft,
    Counted,
    Created,
    Decision,
    Draft,
    Held,
    IsMuted,
    LeftStory,
    Limit,
    Outcome,
    Repeated,
    Retracted,
    RetractionDecision,
    RetractionDraft,
    Unsent,
    Updated,
    Withdrawn,
)
from service.alerts.history import (
    MAX_LATER,
    AlertHistory,
    SentAlert,
    StoryReach,
    ThrottleCount,
)


def decide_alert(
    draft: AlertDraft, history: AlertHistory, *, now: datetime, is_muted: IsMuted
) -> AlertDecision:
    """What becomes of a match; `now` is the time by the clock of Redis."""
    sent = history.sent
    if sent is None:
        return _decide_new_alert(draft, history, now)
    if sent.revision == draft.revision or is_older(draft.entry_id, sent.entry_id):
        return Repeated()
    if sent.held:
        return Held(_union(sent.subscribers, draft.subscribers))
    heard = (name for name in sent.subscribers if not is_muted(name))
    wanted = _union(heard, draft.subscribers)
    return Updated(_unreached(wanted, draft, history.reach))


def _decide_new_alert(draft: AlertDraft, history: AlertHistory, now: datetime) -> AlertDecision:
    reach = history.reach if draft.story_id else StoryReach()
    unreached = _unreached(draft.subscribers, draft, reach)
    others = reach.first not in {"", draft.alert_id} or len(unreached) < len(draft.subscribers)
    if others and not unreached:
        return _count(draft, reach)
    if unreached and draft.limit:
        span = _span(history.throttle, draft.limit, now)
        if span.sent >= draft.limit.max_alerts:
            return Held(unreached, span.until)
    return Created(unreached)


def _count(draft: AlertDraft, reach: StoryReach) -> Counted:
    """A milestone is announced once, to those who have received the story."""
    if draft.milestone <= reach.milestone:
        return Counted()
    heard = tuple(
        name
        for name in draft.subscribers
        if (alert := reach.by_subscriber.get(name)) and alert not in reach.held
    )
    return Counted(draft.milestone, heard) if heard else Counted()


def decide_retraction(
    draft: RetractionDraft, history: AlertHistory, *, is_muted: IsMuted
) -> RetractionDecision:
    """What becomes of an alert whose article no longer matches."""
    sent = history.sent
    if sent is None or sent.retracted or sent.revision == draft.revision:
        return Repeated()
    if is_older(draft.entry_id, sent.entry_id):
        return Repeated()
    if sent.held:
        return Withdrawn()
    return Retracted(tuple(name for name in sent.subscribers if not is_muted(name)))


def without_unsent(
    outcome: Outcome, unsent: tuple[Unsent, ...], unheard: frozenset[str]
) -> Outcome:
    """A retraction that cancels these deliveries, and is not told to those who heard nothing."""
    event, after = outcome.event, outcome.after
    if event is None or after.sent is None:
        return outcome
    names = tuple(one for one in event.subscribers if one not in unheard)
    return replace(
        outcome,
        decision=Retracted(names),
        event=replace(event, subscribers=names),
        after=replace(after, sent=replace(after.sent, subscribers=names)),
        unsent=unsent,
    )


def history_after(
    draft: Draft,
    decision: Decision,
    history: AlertHistory,
    *,
    now: datetime,
    event_id: str = "",
    data: Data | None = None,
) -> AlertHistory:
    """What the alert's history is once the decision is written; `event_id` is its event's."""
    reach, throttle = history.reach, history.throttle
    match decision:
        case Repeated():
            return history
        case Counted(milestone):
            return replace(history, reach=replace(reach, milestone=milestone or reach.milestone))
        case Withdrawn():
            return AlertHistory(None, _released(draft, history), throttle)
        case Retracted():
            reach = _released(draft, history)
        case Created(subscribers) | Held(subscribers) | Updated(subscribers):
            reach = _claimed(draft, subscribers, reach)
            if isinstance(decision, Held):
                reach = replace(reach, held=reach.held | {draft.alert_id})
            elif isinstance(decision, Created):
                throttle = throttle_after(draft, decision, throttle, now)
    names = decision.subscribers
    if isinstance(decision, Updated) and history.sent:  # also whom a silence keeps it from
        names = _unreached(_union(history.sent.subscribers, names), draft, history.reach)
    earlier = history.sent.later_ids if history.sent else ()
    later = (event_id,) if event_id not in ("", draft.alert_id) else ()
    sent = SentAlert(
        alert_id=draft.alert_id,
        revision=draft.revision,
        entry_id=draft.entry_id,
        latest_id=event_id,
        later_ids=(*earlier, *later)[-MAX_LATER:],
        data=data or {},
        subscribers=names,
        held=isinstance(decision, Held),
        retracted=isinstance(decision, Retracted),
        story_id="" if isinstance(decision, Retracted) else draft.story_id,  # it holds none
    )
    return AlertHistory(sent, reach, throttle)


def throttle_after(
    draft: Draft, decision: Decision, throttle: ThrottleCount, now: datetime
) -> ThrottleCount:
    """The count of the watchlist's throttle once the decision is written."""
    limit = draft.limit if isinstance(draft, AlertDraft) else None
    if limit is None or not isinstance(decision, Created) or not decision.subscribers:
        return throttle
    span = _span(throttle, limit, now)
    return replace(span, sent=span.sent + 1)


def released_names(draft: Draft, history: AlertHistory) -> tuple[str, ...]:
    """Whom a copy of the story may reach again once the alert is taken back; "" is the first."""
    reach, sent = history.reach, history.sent
    names = sent.subscribers if sent else ()
    mine = [name for name in names if reach.by_subscriber.get(name) == draft.alert_id]
    return tuple([*mine, ""] if reach.first == draft.alert_id else mine)


def left_story_id(outcome: Outcome) -> str:
    """The story that an alert told before its article was corrected to tell another; "" for none.

    Else the copies of that story would be counted for ever for an alert that tells it no more.
    """
    draft, sent = outcome.draft, outcome.before.sent
    if sent is None or not isinstance(outcome.decision, Updated | Held | Retracted | Withdrawn):
        return ""
    is_by_story = draft.story_id or isinstance(draft, RetractionDraft)
    return sent.story_id if is_by_story and sent.story_id != draft.story_id else ""


def left_story(outcome: Outcome, reach: StoryReach) -> LeftStory | None:
    """The same with whom it sets free; None for nobody. `reach` is that of the story."""
    names = released_names(outcome.draft, replace(outcome.before, reach=reach))
    return LeftStory(left_story_id(outcome), names) if names else None


def is_older(entry_id: str, other: str) -> bool:
    """Whether a stream entry comes before another; not where the other is not known."""
    if not other:
        return False
    ours, theirs = (tuple(map(int, each.split("-"))) for each in (entry_id, other))
    return ours < theirs


def _span(throttle: ThrottleCount, limit: Limit, now: datetime) -> ThrottleCount:
    """The span that runs now; it begins with its first alert."""
    if throttle.until is not None and throttle.until > now:
        return throttle
    return ThrottleCount(now + limit.span, 0)


def _union(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _unreached(names: tuple[str, ...], draft: Draft, reach: StoryReach) -> tuple[str, ...]:
    """Those whom no other alert of the story has reached."""
    if not draft.story_id:
        return names
    ours = {"", draft.alert_id}
    return tuple(name for name in names if reach.by_subscriber.get(name, "") in ours)


def _claimed(draft: Draft, names: Iterable[str], reach: StoryReach) -> StoryReach:
    if not draft.story_id:
        return reach
    claimed = {name: reach.by_subscriber.get(name) or draft.alert_id for name in names}
    first = reach.first or draft.alert_id
    return StoryReach(first, {**reach.by_subscriber, **claimed}, reach.held, reach.milestone)


def _released(draft: Draft, history: AlertHistory) -> StoryReach:
    """An empty id: no alert has reached the subscriber."""
    names = released_names(draft, history)
    reach = history.reach
    freed = {name: "" for name in names if name}
    return replace(
        reach,
        first="" if "" in names else reach.first,
        by_subscriber={**reach.by_subscriber, **freed},
        held=reach.held - {draft.alert_id},
    )

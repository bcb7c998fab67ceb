"""A referral made by phone or on paper, written down afterwards: draft, sending and answer in one transaction.

It counts as the day it was made: clocks, basis and history begin then; the trail says when it was written down. The
receiver is mailed nothing, since it knows already.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import HubError, Problem, Refused
from referral_hub.referrals.actions import draft, perform
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.states import Verb
from referral_hub.web.wording import translate

CHANNELS: Final = ("phone", "paper")
ANSWERS: Final = ("none", "accepted", "waitlisted", "declined")
OLDEST_DAYS: Final = 120
_VERBS: Final[Mapping[str, Verb]] = {
    "accepted": Verb.ACCEPT,
    "waitlisted": Verb.WAITLIST,
    "declined": Verb.DECLINE,
}
_BESIDE: Final = {"date": "answer_date", "reason": "reason", "review_on": "review_on", "text": "text"}


def earliest(today: date) -> date:
    """The first day a referral may be written down for: what is older is no longer one anybody answers."""
    return today - timedelta(days=OLDEST_DAYS)


@retrying
async def record_afterwards(
    *,
    actor: Actor,
    person: UUID,
    offer: UUID,
    need: str,
    made_on: date,
    channel: str,
    basis: Mapping[str, object],
    answer: str = "none",
    answered_on: date | None = None,
    fields: Mapping[str, object] | None = None,
) -> UUID:
    """The task, as it stands after what they answered (`answer`, with the `fields` of that move).

    Raises NotAllowed, NotFound, Refused("invalid") with every problem beside the field of the page, or the name of
    the condition that stops the sending or the answer; nothing is left behind then.
    """
    actor = sending(actor)
    _check(made_on, answered_on, channel, answer)
    async with transaction(actor.scope, by_key=True):
        with clock.as_on(_moment(made_on)):
            task = await draft(actor=actor, person=person, offer=offer, need=need, basis=basis)
            alone = basis.get("kind") == "no_data"
            why = {} if alone else {"text": translate("pl", "Made by phone or on paper, written down afterwards.")}
            await perform(task, actor=actor, verb=Verb.SEND, version=1, fields=why, recorded="" if alone else channel)
        if answer != "none":
            with clock.as_on(_moment(answered_on or made_on, later=1)):
                await _answered(task, actor, answer, channel, fields or {})
        facts = {"made_on": made_on.isoformat(), "channel": channel, "answer": answer}
        await record(Event.REFERRAL_RECORD, by=actor.scope, subject=("referral", task), facts=facts)
    return task


def _check(made_on: date, answered_on: date | None, channel: str, answer: str) -> None:
    today, problems = clock.today(), []
    for field, day, first in (("made_on", made_on, earliest(today)), ("answered_on", answered_on, made_on)):
        if day is not None and day > today:
            problems.append(Problem(field, "date_is_ahead"))
        elif day is not None and day < first:
            problems.append(Problem(field, "date_too_early", {"earliest": first}))
    if channel not in CHANNELS:
        problems.append(Problem("channel", "not_a_choice", {"choices": list(CHANNELS)}))
    if answer not in ANSWERS:
        problems.append(Problem("answer", "not_a_choice", {"choices": list(ANSWERS)}))
    if problems:
        raise Refused("invalid", problems)


def _moment(day: date, *, later: int = 0) -> datetime:
    """Noon of that day, now where it is today; an answer comes some minutes after the question."""
    if day == clock.today():
        return clock.now() + timedelta(milliseconds=later)
    return datetime.combine(day, time(12), clock.WARSAW) + timedelta(minutes=later)


async def _answered(task: UUID, actor: Actor, answer: str, channel: str, fields: Mapping[str, object]) -> None:
    try:
        await perform(task, actor=actor, verb=_VERBS[answer], version=2, fields=fields, channel=channel)
    except Refused as refusal:
        problems = [Problem(_BESIDE.get(one.field, one.field), one.code, one.facts) for one in refusal.problems]
        if not problems:
            problems = [Problem("answer", refusal.code, dict(refusal.facts))]
        raise Refused("invalid", problems) from None


def beside_basis(refusal: HubError) -> Refused:
    """What stops the sending, beside the field of the page that it is about."""
    if not isinstance(refusal, Refused):
        raise refusal
    where = "basis" if "basis" in refusal.code or "consent" in refusal.code else "where"
    problems = list(refusal.problems) or [Problem(where, refusal.code, dict(refusal.facts))]
    return Refused("invalid", problems)

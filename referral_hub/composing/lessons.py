"""What a reason sets in motion for the sender: advice in its own words, and acts that cost one press.

The vocabulary says the effect of every reason (`effect=…`); `ADVICE` has a carrier for each, or a word why none is due.
The person reads other words for the same reason (`own_reason.<code>`), which blame nobody.
"""

from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import transaction
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.ending import ends_by
from referral_hub.referrals.reasons import effect_of
from referral_hub.referrals.referral import Referral
from referral_hub.referrals.states import FINAL, FINAL_STATES, Party, State, Verb

ASK_AGAIN: Final = frozenset({"proposes_full_reading", "contact_check", "one_new_appointment"})
"""Effects after which the same place may be asked once more: for its waiting list, with a better contact, for a day."""
CLOSE_OTHERS: Final = frozenset({"asks_to_close_others", "closes"})
SAME_PLACE: Final = frozenset({"links"})
ADVICE: Final = (
    ASK_AGAIN
    | CLOSE_OTHERS
    | SAME_PLACE
    | {
        "asks_criterion",
        "area_filter",
        "entry_review",
        "tells_coordinator",
        "no_effect_on_person",
        "institution_indicator",
    }
)

_OTHERS = """select t.id, t.number, t.state, t.version, i.name as receiver_name from referral_task t
join institution i on i.id = t.receiver
where t.participant = $1 and t.sender = $2 and t.id <> $3 and t.state <> all($4)
and ($5::uuid is null or t.receiver = $5) order by t.made_at desc limit 8"""
_LAST_OTHER_OFFER = """select o.id, o.title, i.name as institution_name from task_event e
join offer o on o.id::text = e.facts->>'other_offer' join institution i on i.id = o.institution
where e.task = $1 and e.verb = 'decline' and o.status = 'published' and i.status = 'published'
order by e.version desc limit 1"""


class OtherTask(Struct, frozen=True):
    """Another open referral of the same person; `verb` ends it, "" where it is being ended or was never sent."""

    id: UUID
    number: str
    receiver_name: str
    state: str
    version: int
    verb: str


class Lesson(Struct, frozen=True):
    """What follows for the sender. `again`: the same offer may be asked once more; `instead`: the offer they named."""

    effect: str
    reason: str
    task: UUID
    person: UUID
    version: int
    again: UUID | None
    instead: dict[str, Any] | None
    others: list[OtherTask]


async def lesson_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The lesson of a referral that ended with a reason, for the sender that may act on it."""
    if found.party != Party.SND or not found.reason or State(found.state) not in FINAL - {State.VOID}:
        return None
    effect, declined = effect_of(found.reason), any(moment.verb == Verb.DECLINE for moment in found.timeline)
    async with transaction(actor.scope, by_key=True) as sql:
        instead = await sql.fetchrow(_LAST_OTHER_OFFER, found.id) if declined else None
        if found.person_id is None or (effect not in ADVICE and instead is None):
            return None
        lesson = await _lesson(sql, found, found.person_id, effect, instead)
    return Attachment("referrals/lesson.html", {"lesson": lesson}, "next")


async def _lesson(sql: asyncpg.Connection, found: Referral, person: UUID, effect: str, instead: Any) -> Lesson:
    may_reroute = any(move.row.verb is Verb.REROUTE and move.row.by is Party.SND for move in found.moves)
    # One new appointment, and one only: whoever did not come to that one either is asked, not sent again.
    once_more = effect in ASK_AGAIN and may_reroute and not (effect == "one_new_appointment" and found.replaces)
    return Lesson(
        effect=effect,
        reason=found.reason,
        task=found.id,
        person=person,
        version=found.version,
        again=found.offer.id if once_more else None,
        instead=dict(instead) if instead is not None and may_reroute else None,
        others=await _others(sql, found, effect),
    )


async def _others(sql: asyncpg.Connection, found: Referral, effect: str) -> list[OtherTask]:
    if effect not in CLOSE_OTHERS | SAME_PLACE:
        return []
    where = found.offer.institution.id if effect in SAME_PLACE else None
    rows = await sql.fetch(_OTHERS, found.person_id, found.sender.id, found.id, FINAL_STATES, where)
    return [OtherTask(**dict(row), verb=_ending(row["state"]) if effect in CLOSE_OTHERS else "") for row in rows]


def _ending(state: str) -> str:
    """The move that ends it; a draft was never sent, and is nobody's to call off."""
    verb = ends_by(State(state))
    return verb.value if verb is not None and verb is not Verb.VOID else ""

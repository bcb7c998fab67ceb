"""The numbers behind the hours of an offer, as the actor's scope lets them through."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.attendance.sums import Held, Mark, Month, months, whole
from referral_hub.clock import WARSAW
from referral_hub.database.transaction import transaction

_HELD = "select id, starts_at, ends_at, others from meeting where offer = $1 and status = 'held'"
_MARKS = """select e.meeting, t.participant, e.attendance, e.hours from enrolment e
join meeting m on m.id = e.meeting join referral_task t on t.id = e.task
where m.offer = $1 and m.status = 'held' and e.state = 'enrolled' and e.attendance <> ''"""


async def sums_of(offer: UUID, *, actor: Actor) -> tuple[list[Month], Month | None, bool]:
    """(by month, all together, whether small numbers are shown) of an offer of the actor's own institution."""
    async with transaction(actor.scope) as sql:
        inside = bool(await sql.fetchval("select club from institution where id = $1", actor.institution))
        held = [
            Held(
                row["id"],
                row["starts_at"].astimezone(WARSAW).date(),
                round((row["ends_at"] - row["starts_at"]).total_seconds() / 3600, 2),
                row["others"],
            )
            for row in await sql.fetch(_HELD, offer)
        ]
        marks = [
            Mark(row["meeting"], row["participant"], row["attendance"], row["hours"])
            for row in await sql.fetch(_MARKS, offer)
        ]
    return months(held, marks, inside=inside), whole(held, marks, inside=inside), inside

"""Free appointments as a reading: declared by one tap of whoever keeps the duty hours, as of that moment.

The timetable itself declares nothing as time goes by: hours nobody looked at for months are no proof of free places.
"""

from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.directory.actions import Said, report_reading
from referral_hub.errors import NotFound, Refused
from referral_hub.timetable.queries import first_free, own_offer
from referral_hub.timetable.slots import AHEAD

UNIT: Final = "appointment"
_FREE = """select count(*) from meeting where offer = $1 and kind = 'appointment' and status = 'planned'
and starts_at > $2 and starts_at < $3 and (places is null or enrolled < places)"""
# Accepted, and no appointment yet: the free ones have to do for them first.
_UNBOOKED = """select count(*) from referral_task t join hold h on h.task = t.id and h.state = 'taken'
where t.offer = $1 and t.state in ('accepted', 'scheduled', 'in_progress') and not exists (
 select 1 from enrolment e join meeting m on m.id = e.meeting
 where e.task = t.id and m.kind = 'appointment' and (e.state = 'enrolled' or e.attendance <> ''))"""


@retrying
async def declare_appointments(offer: UUID, *, actor: Actor) -> int:
    """Report the free appointments of the next weeks as the number of free places; the number.

    Less those accepted who have none yet, so that a place is not promised twice. Raises NotFound, Refused `no_duty`.
    """
    await own_offer(offer, actor)
    async with transaction(actor.scope) as sql:
        if not await sql.fetchval("select exists (select 1 from duty_hours where offer = $1)", offer):
            raise Refused("no_duty")
        moment = clock.now()
        free = await sql.fetchval(_FREE, offer, moment, moment + AHEAD)
        async with transaction(SYSTEM) as system:
            unbooked = await system.fetchval(_UNBOOKED, offer)
        number = max(0, int(free) - int(unbooked))
        first = await first_free(offer)
        day = first.astimezone(clock.WARSAW).date() if first else None
        if await report_reading(offer, Said(free=number, unit=UNIT, from_when=day), actor=actor) is None:
            raise NotFound
    return number

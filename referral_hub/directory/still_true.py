"""„Nic się nie zmieniło”: the whole reading is said again, not the number alone.

A queue, a first free day and a way in stand beside the number; a tap that drops them would say that they ended.
"""

from uuid import UUID

import msgspec

from referral_hub import clock
from referral_hub.database.transaction import connection
from referral_hub.directory.said import Said
from referral_hub.web.forms import Form

_IN_FORCE = """select r.free, r.waiting, r.waiting_days, r.free_women, r.free_men, r.by_group::text as by_group,
 r.from_when, r.status, r.note, p.taken_since from offer_places p join capacity_reading r on r.id = p.reading
where p.offer = $1"""


async def unchanged(offer: UUID, free: int | None) -> Said:
    """What „nothing has changed, still `free`” says: the reading in force once more, with this number.

    A split by sex or audience is left out where people were taken since, or where another number was seen: its sum
    would no longer be the number. A first free day that has passed is left out too.
    """
    async with connection() as sql:
        row = await sql.fetchrow(_IN_FORCE, offer)
    if row is None:
        return Said(free=free)
    day = row["from_when"]
    same = row["free"] == free and not row["taken_since"]
    return Said(
        free=free,
        waiting=row["waiting"],
        waiting_days=row["waiting_days"],
        free_women=row["free_women"] if same else None,
        free_men=row["free_men"] if same else None,
        by_group=msgspec.json.decode(row["by_group"]) if same else {},
        from_when=day if day is not None and day >= clock.today() else None,
        status=row["status"],
        note=row["note"],
    )


async def as_pressed(offer: UUID, form: Form, said: Said) -> Said:
    """What a form says: with the button „nothing has changed” the whole reading again, else what was typed."""
    return await unchanged(offer, said.free) if form.value("act") == "same" else said

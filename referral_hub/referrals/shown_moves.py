"""The moves of a page with the choices that only the directory knows: another offer that a decline may name."""

from datetime import date
from uuid import UUID

from msgspec import structs

from referral_hub import clock
from referral_hub.database.transaction import connection
from referral_hub.referrals.ageing import near_days
from referral_hub.referrals.buttons import Buttons, MoveShown, buttons
from referral_hub.referrals.referral import Referral
from referral_hub.referrals.states import Channel, Verb
from referral_hub.web.forms import Form

# Its own other offers first, then what others offer of the same form; nothing that is not open to everybody's eyes.
_OTHERS = """select o.id, o.title || case when o.institution = a.institution then '' else ' – ' || i.name end as title
from offer a join offer o on o.id <> a.id and (o.institution = a.institution or o.form = a.form)
join institution i on i.id = o.institution
where a.id = $1 and o.status = 'published' and i.status = 'published' and coalesce(o.visible_from, $2) <= $2
and (o.institution = a.institution or not (o.sensitive or o.by_category))
order by o.institution <> a.institution, o.title, o.id limit 12"""


def fresh_form(today: date) -> Form:
    """Where answers start from: a waiting person is looked at again in a month of business days, unless changed."""
    day = near_days(today, 20)[-1].isoformat()
    return Form({f"waitlist-{channel}-review_on": day for channel in Channel} | {"waitlist-review_on": day})


async def other_offers(offer: UUID) -> list[tuple[str, str]]:
    """(id, title) of offers that a receiver may name instead of its own."""
    async with connection() as sql:
        return [(str(row["id"]), row["title"]) for row in await sql.fetch(_OTHERS, offer, clock.today())]


async def shown_moves(found: Referral) -> Buttons:
    """The buttons of whoever looks at this referral."""
    shown = buttons(found.moves, found.party, found.state)
    if not any(move.row.verb is Verb.DECLINE for move in found.moves):
        return shown
    named = await other_offers(found.offer.id)

    def filled(moves: list[MoveShown]) -> list[MoveShown]:
        return [
            structs.replace(
                move,
                fields=[
                    structs.replace(one, named=named) if one.name == "other_offer" else one
                    for one in move.fields
                    if one.name != "other_offer" or named
                ],
            )
            for move in moves
        ]

    return structs.replace(
        shown,
        first=filled(shown.first),
        more=filled(shown.more),
        by_phone=filled(shown.by_phone),
        by_paper=filled(shown.by_paper),
    )

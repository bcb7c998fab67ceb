"""Questions about the network as a whole: figures only, no person and no case."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.cooperation.network import Tally
from referral_hub.database.transaction import connection, transaction

_TALLIES = """select s.kind as sender, r.kind as receiver, o.form,
 date_trunc('month', t.sent_at at time zone 'Europe/Warsaw')::date as month, count(*)::int as count,
 count(*) filter (where $1 in (t.sender, t.receiver))::int as own
from referral_task t join institution s on s.id = t.sender join institution r on r.id = t.receiver
join offer o on o.id = t.offer
where t.sent_at is not null and t.state <> 'void' and not t.held_back
group by 1, 2, 3, 4"""


async def tallies_seen_by(actor: Actor) -> list[Tally]:
    """Referrals sent and not entered in error, counted by kinds, form and month, as far as the actor may see them."""
    async with transaction(actor.scope) as sql:
        return [Tally(**dict(row)) for row in await sql.fetch(_TALLIES, actor.institution)]


async def is_of_the_club(institution: UUID | None) -> bool:
    """Whether an institution is the club whose hub this is: only its people see small counts."""
    async with connection() as sql:
        return bool(await sql.fetchval("select club from institution where id = $1", institution))

"""Whether an institution's accounts may pass personal data today, and whose agreement ends soon."""

from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.database.transaction import connection

AHEAD: Final = timedelta(days=30)
"""So long before its end an agreement is named to the coordinator."""

State = Literal["missing", "expired", "ends_soon", "in_force"]
ORDER: Final[tuple[State, ...]] = ("missing", "expired", "ends_soon", "in_force")


def bound_sql(institution: str, day: str) -> str:
    """A condition for a query: a basis is recorded and in force on that day. The club itself is asked for apart."""
    return (
        f"exists (select 1 from data_agreement a where a.institution = {institution} and a.signed_on <= {day}"  # noqa: S608 -- names of our own columns
        f" and (a.valid_until is null or a.valid_until >= {day}))"
    )


async def is_bound(institution: UUID) -> bool:
    """Whether accounts of this institution may send and receive personal data today; the club always may."""
    question = f"select i.club or {bound_sql('i.id', '$2')} from institution i where i.id = $1"  # noqa: S608 -- names of our own, values are parameters
    async with connection() as sql:
        return bool(await sql.fetchval(question, institution, clock.today()))


class Standing(Struct, frozen=True):
    """An institution that has accounts: its newest basis, if any, and how it stands today."""

    institution: UUID
    name: str
    accounts: int
    kind: str | None
    reference: str | None
    signed_on: date | None
    valid_until: date | None

    def state(self, today: date) -> State:
        """missing, expired, ends_soon (within AHEAD) or in_force."""
        if self.kind is None:
            return "missing"
        if self.valid_until is None:
            return "in_force"
        if self.valid_until < today:
            return "expired"
        return "ends_soon" if self.valid_until <= today + AHEAD else "in_force"


# The basis that lasts longest decides: an older open-ended one holds beside a newer one with an end.
_STANDINGS: Final = """select i.id as institution, i.name, n.accounts, d.kind, d.reference, d.signed_on, d.valid_until
from institution i
join (select institution, count(*) as accounts from account where active group by institution) n
 on n.institution = i.id
left join lateral (select kind, reference, signed_on, valid_until from data_agreement
 where institution = i.id and signed_on <= $1
 order by valid_until desc nulls first, signed_on desc, id desc limit 1) d on true
where not i.club and i.status = 'published' order by i.sort_key, i.id"""


async def standings() -> list[Standing]:
    """Every institution with an open account except the club: what needs doing first, then by name."""
    today = clock.today()
    async with connection() as sql:
        rows = [Standing(**dict(row)) for row in await sql.fetch(_STANDINGS, today)]
    return sorted(rows, key=lambda row: ORDER.index(row.state(today)))

"""What the data protection officer asks: what happened, who saw people, is the trail whole."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import first_break
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotAllowed

PER_PAGE = 50


class TrailLine(Struct, frozen=True):
    """One act. `who` is the account's e-mail, empty for links and the clock."""

    at: datetime
    event: str
    kind: str
    role: str
    who: str
    institution: str
    subject_kind: str
    subject: UUID | None
    sealed: bool


class Trail(Struct, frozen=True):
    """A page of the trail, newest first."""

    lines: list[TrailLine]
    total: int
    page: int
    pages: int


class DisclosureCount(Struct, frozen=True):
    """How often an institution's people, or holders of its links, read or received something about persons."""

    institution: str
    kind: str
    times: int
    persons: int


class State(Struct, frozen=True):
    """Is the trail whole: lines, sealed lines, the first broken position (None: whole)."""

    lines: int
    sealed: int
    broken_at: int | None


_TRAIL = """select e.at, e.event, e.kind, e.role, coalesce(a.email, '') as who, coalesce(i.name, '') as institution,
 e.subject_kind, e.subject, e.position is not null as sealed
from audit_event e left join account a on a.id = e.account left join institution i on i.id = e.institution
where ($1 = '' or e.event like $1 || ':%' or e.event = $1) order by e.at desc, e.id desc limit $2 offset $3"""

_DISCLOSURES = """select coalesce(i.name, '') as institution, d.kind, count(*) as times,
 count(distinct d.participant) as persons
from disclosure d left join institution i on i.id = d.institution where d.at >= $1
group by 1, 2 order by 3 desc, 1"""


def _check(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise NotAllowed


async def trail_seen_by(actor: Actor, *, event: str = "", page: int = 1) -> Trail:
    """A page of the audit trail, all or of one subject or event. Raises NotAllowed."""
    _check(actor, Permission.AUDIT_READ)
    async with transaction(actor.scope) as sql:
        total = await sql.fetchval(
            "select count(*) from audit_event where $1 = '' or event like $1 || ':%' or event = $1", event
        )
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(1, page), pages)
        rows = await sql.fetch(_TRAIL, event, PER_PAGE, (page - 1) * PER_PAGE)
    return Trail([TrailLine(**dict(row)) for row in rows], total, page, pages)


async def state_of_trail(actor: Actor) -> State:
    """Whether the sealed trail fits together, computed anew. Raises NotAllowed."""
    _check(actor, Permission.AUDIT_READ)
    async with transaction(actor.scope) as sql:
        lines, sealed = await sql.fetchrow("select count(*), count(position) from audit_event")
    return State(lines, sealed, await first_break())


async def disclosures_of_year(actor: Actor) -> list[DisclosureCount]:
    """Readings of people in the last 365 days by institution, without saying whose. Raises NotAllowed."""
    _check(actor, Permission.PRIVACY_READ)
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_DISCLOSURES, clock.now() - timedelta(days=365))
    return [DisclosureCount(**dict(row)) for row in rows]

"""Who is on which list, as the actor's scope lets it through: row-level security stands under every question here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection, transaction
from referral_hub.errors import NotFound
from referral_hub.institutions.agreements import is_bound
from referral_hub.participants.disclosures import PERSON_COLUMNS, log_opening, open_fields
from referral_hub.referrals.case import in_each_role
from referral_hub.referrals.person_seen import fields_for_receiver
from referral_hub.timetable.queries import Met, Sees, ShownOffer, meetings_with, offer_of


class Listed(Struct, frozen=True, kw_only=True):
    """One referral on a list. `case_code` and `name` only as far as this receiver may see them now.

    `state` is the referral's; `told` what became of the mark there: `moved`, or the code of the refusal.
    """

    task: UUID
    number: str
    state: str
    case_code: str
    name: str
    may_open: bool
    attendance: str
    hours: float | None
    told: str


class Chosen(Struct, frozen=True):
    """A meeting a referral is on the list of, as its own page shows it."""

    met: Met
    attendance: str
    hours: float | None


class ListedMeeting(Struct, frozen=True):
    """A meeting with its offer, in the intake's overview."""

    met: Met
    title: str
    marked: int


_LIST = """select e.id, e.attendance, e.hours, e.told, t.id as task, t.number, t.state, t.version, t.access,
 t.sharing_ended, t.participant, t.receiver, t.basis, q.case_code, b.kind as basis_kind, b.ground,
 b.receiver as basis_receiver, b.fields as basis_fields, b.purpose, b.until as basis_until, b.withdrawn_at,
 b.given_how
from enrolment e join referral_task t on t.id = e.task join referral_request q on q.id = t.request
left join legal_basis b on b.id = t.basis
where e.meeting = $1 and e.state = 'enrolled' order by t.number"""


async def held_by(actor: Actor, meeting: UUID, offer: UUID) -> tuple[ShownOffer, Met]:
    """The offer and meeting of the actor's own institution. Raises NotFound."""
    shown = await offer_of(offer)
    met = (await meetings_with([meeting], sees="all")).get(meeting)
    if met is None or met.offer != offer or met.status == "aside" or shown.institution != actor.institution:
        raise NotFound
    return shown, met


async def list_of(meeting: UUID, *, actor: Actor, names: bool = False) -> list[Listed]:
    """Everybody enrolled; `names` opens those this receiver may open and leaves a disclosure line for each."""
    # As on the referral's own page: an account sees numbers only where no basis to have people's data is in force.
    bound = actor.kind != "account" or actor.institution is None or await is_bound(actor.institution)
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_LIST, meeting)
        found = []
        for row in rows:
            seen = fields_for_receiver(row, clock.today()) if bound else ()
            name = await _name(sql, row, actor) if names and "label" in seen else ""
            found.append(
                Listed(
                    task=row["task"],
                    number=row["number"],
                    state=row["state"],
                    case_code=row["case_code"] if "case_code" in seen else "",
                    name=name,
                    may_open="label" in seen,
                    attendance=row["attendance"],
                    hours=row["hours"],
                    told=row["told"],
                )
            )
    return found


async def _name(sql: Any, row: Mapping[str, Any], actor: Actor) -> str:
    person = await sql.fetchrow(f"select {PERSON_COLUMNS} from participant where id = $1", row["participant"])  # noqa: S608 -- our columns
    opened = open_fields(person, ["label"]) if person is not None else {}
    if not opened:
        return ""
    await log_opening(
        sql,
        participant=row["participant"],
        fields=["label"],
        by=actor.scope,
        task=row["task"],
        basis=row["basis"],
        purpose=row["purpose"] or "",
    )
    return str(opened["label"])


# Of a meeting called off the enrolment has ended; that it was called off is still to be seen until its day.
_CHOSEN = """select e.meeting, e.attendance, e.hours from enrolment e join meeting m on m.id = e.meeting
where e.task = $1 and (e.state = 'enrolled' or (m.status = 'cancelled' and m.ends_at > $2))"""


async def chosen_by(task: UUID, *, actor: Actor, sees: Sees) -> list[Chosen]:
    """The meetings a referral is on the lists of, the first one first."""
    rows: dict[UUID, Any] = {}
    for one in in_each_role(actor):
        # Whoever is caseworker and intake sees what was sent in one role and what came in the other.
        async with transaction(one.scope) as sql:
            rows |= {row["meeting"]: row for row in await sql.fetch(_CHOSEN, task, clock.now())}
    found = await meetings_with(list(rows), sees=sees) if rows else {}
    listed = [Chosen(met, rows[met.id]["attendance"], rows[met.id]["hours"]) for met in found.values()]
    return sorted(listed, key=lambda one: one.met.starts_at)


_OVERVIEW = """select m.id, o.title from meeting m join offer o on o.id = m.offer
where o.institution = $1 and m.starts_at > $2 and m.starts_at < $3 and m.status in ('planned', 'held')
and (m.kind = 'meeting' or m.enrolled > 0) order by m.starts_at limit 300"""
_MARKED = """select e.meeting, count(*) filter (where e.attendance <> '') as marked from enrolment e
where e.meeting = any($1::uuid[]) and e.state = 'enrolled' group by e.meeting"""
BACK, AHEAD = timedelta(days=31), timedelta(days=15)


async def lists_of(actor: Actor, *, now: datetime) -> tuple[list[ListedMeeting], list[ListedMeeting]]:
    """(lists still open of meetings begun, meetings of the next days) of the actor's own institution."""
    async with connection() as sql:
        titles = {
            row["id"]: row["title"] for row in await sql.fetch(_OVERVIEW, actor.institution, now - BACK, now + AHEAD)
        }
    found = await meetings_with(list(titles), sees="all")
    async with transaction(actor.scope) as sql:
        marked = {row["meeting"]: row["marked"] for row in await sql.fetch(_MARKED, list(titles))}
    rows = [ListedMeeting(found[one], title, marked.get(one, 0)) for one, title in titles.items() if one in found]
    begun = [row for row in rows if row.met.starts_at <= now and row.met.status == "planned"]
    ahead = [row for row in rows if row.met.starts_at > now]
    return sorted(begun, key=lambda row: row.met.starts_at, reverse=True), ahead

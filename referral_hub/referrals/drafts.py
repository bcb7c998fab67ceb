"""A draft: why a person needs help and whom we ask; nothing leaves the institution before it is sent."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, seal
from referral_hub.database.transaction import SYSTEM, Scope, retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.participants.actions import add_basis
from referral_hub.participants.basis import Basis, Kind
from referral_hub.participants.free_text import holds_pesel
from referral_hub.referrals.grounds import basis_from
from referral_hub.referrals.history import history_line
from referral_hub.referrals.legal_person import same_legal_person
from referral_hub.referrals.papers import NO_PAPERS, Papers
from referral_hub.referrals.papers_kept import check_papers, papers_write
from referral_hub.referrals.replacing import tell_followers
from referral_hub.referrals.states import FINAL_STATES, Channel, Party, State
from referral_hub.vocabularies.book import is_known

PRIORITIES = ("ordinary", "priority", "urgent")
NOTE_LENGTH = 2000
OPEN_TASKS = "select id, offer from referral_task where request = $1 and state <> all($2)"


def sending(actor: Actor) -> Actor:
    """The actor as caseworker. Raises NotAllowed."""
    if not actor.may(Permission.REFERRAL_SEND) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(Permission.REFERRAL_SEND)


async def receiver_of(sql: asyncpg.Connection, offer: UUID) -> UUID:
    """The institution of an offer that can be referred to. Raises NotFound."""
    found = await sql.fetchval(
        """select o.institution from offer o join institution i on i.id = o.institution
        where o.id = $1 and o.status in ('published', 'closed') and i.status = 'published'""",
        offer,
    )
    if found is None:
        raise NotFound
    return UUID(str(found))


def note_problems(note: str) -> list[Problem]:
    """What is wrong with a note for the receiver."""
    if len(note) > NOTE_LENGTH:
        return [Problem("note", "too_long", {"most": NOTE_LENGTH, "length": len(note)})]
    return [Problem("note", "text_holds_pesel")] if holds_pesel(note) else []


async def next_number(sql: asyncpg.Connection) -> str:
    """The next number of the year, said on the phone: "2026/0123"."""
    year = clock.today().year
    last = await sql.fetchval(
        """insert into task_number (year, last) values ($1, 1)
        on conflict (year) do update set last = task_number.last + 1 returning last""",
        year,
    )
    return f"{year}/{last:04d}"


async def insert_task(
    sql: asyncpg.Connection,
    *,
    by: Scope,
    party: Party,
    request: UUID,
    participant: UUID,
    sender: UUID,
    receiver: UUID,
    offer: UUID,
    keeper: UUID | None,
    basis: UUID | None,
    no_data: bool,
    note: bytes | None = None,
    replaces: UUID | None = None,
) -> UUID:
    """A task in draft, its first history line and audit line, inside the caller's transaction.

    Raises Refused `person_is_closed`: nothing new begins for somebody whose entry was closed.
    """
    task, moment = new_id(), clock.now()
    async with transaction(SYSTEM) as system:
        # As the hub itself: a coordinator who reroutes does not see the person. The lock waits for one who closes.
        if await system.fetchval("select closed_at from participant where id = $1 for share", participant):
            raise Refused("person_is_closed")
    await sql.execute(
        """insert into referral_task (id, number, request, participant, sender, receiver, offer, replaces, basis,
         no_data, note_sealed, keeper, made_at, internal)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)""",
        task,
        await next_number(sql),
        request,
        participant,
        sender,
        receiver,
        offer,
        replaces,
        basis,
        no_data,
        note,
        keeper,
        moment,
        await same_legal_person(sql, sender, receiver),
    )
    line = history_line(
        task=task, verb="create", before="", after=State.DRAFT, party=party, channel=Channel.SELF, by=by, version=1
    )
    await write_all(sql, [line, audit_line(Event.REFERRAL_DRAFT, by=by, subject=("referral", task))])
    if replaces is not None:
        await tell_followers(replaces, task, by)
    return task


@retrying
async def draft(
    *,
    actor: Actor,
    person: UUID,
    offer: UUID,
    need: str,
    priority: str = "ordinary",
    basis: Mapping[str, object] | None = None,
    note: str = "",
    together: bool = False,
    papers: Papers = NO_PAPERS,
    batch: UUID | None = None,
) -> UUID:
    """A referral in draft; the id of its task. `together`: others may be asked side by side (`ask_also`).

    Raises NotAllowed, NotFound (person or offer not there or not the actor's), Refused("invalid") with every
    problem. A missing basis may be given later, before sending.
    """
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case_code = await _case_code(sql, actor, person)
        problems = [] if is_known("need", need) else [Problem("need", "not_a_choice")]
        if priority not in PRIORITIES:
            problems.append(Problem("priority", "not_a_choice", {"choices": list(PRIORITIES)}))
        asked = await _read_asked(sql, actor, offer, basis, note, need=need, problems=problems)
        if papers != NO_PAPERS:
            await check_papers(sql, papers)
        request = new_id()
        await sql.execute(
            """insert into referral_request (id, sender, participant, case_code, need, priority, keeper, made_at,
             together, batch) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            request,
            actor.institution,
            person,
            case_code,
            need,
            priority,
            actor.account,
            clock.now(),
            together,
            batch,
        )
        if papers != NO_PAPERS:
            await write_all(sql, [papers_write(request, papers)])
        return await _ask(sql, actor, request, person, asked)


@retrying
async def ask_also(
    request: UUID,
    *,
    actor: Actor,
    offer: UUID,
    basis: Mapping[str, object] | None = None,
    note: str = "",
    together: bool = False,
    person: UUID | None = None,
    need: str | None = None,
    priority: str | None = None,
) -> UUID:
    """Another receiver asked for the same request, in draft; the id of the new task. Its basis is its own.

    `together`: the sender says that they are asked side by side. Raises NotFound (also where `person` is given and
    the request is another's), Refused `nobody_else_is_asked` while another task is open and they are not asked side
    by side, `offer_is_asked_already`, Refused("invalid"), also where `need` or `priority` are not the request's own.
    """
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        row = await sql.fetchrow(
            "select * from referral_request where id = $1 and sender = $2 for update", request, actor.institution
        )
        if row is None or person not in (None, row["participant"]):
            raise NotFound
        own = (("need", need), ("priority", priority))
        problems = [Problem(name, "belongs_to_request") for name, said in own if said not in (None, row[name])]
        open_now = await sql.fetch(OPEN_TASKS, request, FINAL_STATES)
        if open_now and not (together or row["together"]):
            raise Refused("nobody_else_is_asked")
        if any(one["offer"] == offer for one in open_now):
            raise Refused("offer_is_asked_already")
        asked = await _read_asked(sql, actor, offer, basis, note, need=row["need"], problems=problems)
        await _case_code(sql, actor, row["participant"])
        # One that accepts from now on is asked about again.
        await sql.execute(
            """update referral_request set state = 'open', together = together or $2, others_kept_at = null
            where id = $1""",
            request,
            together,
        )
        return await _ask(sql, actor, request, row["participant"], asked)


class _Asked(Struct, frozen=True, kw_only=True):
    """What one receiver is asked, read and found right."""

    offer: UUID
    receiver: UUID
    basis: Basis | None
    note: str


async def _case_code(sql: asyncpg.Connection, actor: Actor, person: UUID) -> str:
    """The case code of a person of the actor's institution, used just now. Raises NotFound."""
    code = await sql.fetchval(
        """update participant set last_used_at = $3
        where id = $1 and institution = $2 and merged_into is null and closed_at is null returning case_code""",
        person,
        actor.institution,
        clock.now(),
    )
    if code is None:
        raise NotFound
    return str(code)


async def _read_asked(
    sql: asyncpg.Connection,
    actor: Actor,
    offer: UUID,
    basis: Mapping[str, object] | None,
    note: str,
    *,
    need: str,
    problems: list[Problem],
) -> _Asked:
    """Raises NotFound, Refused("invalid") with `problems` and all found here."""
    receiver = await receiver_of(sql, offer)
    problems = note_problems(note) + problems
    read: Basis | None = None
    if basis is not None:
        own = actor.institution is not None and await same_legal_person(sql, actor.institution, receiver)
        read, more = basis_from(basis, recipient=receiver, need=need, internal=own)
        problems += more
    if problems:
        raise Refused("invalid", problems)
    return _Asked(offer=offer, receiver=receiver, basis=read, note=note.strip())


async def _ask(sql: asyncpg.Connection, actor: Actor, request: UUID, person: UUID, asked: _Asked) -> UUID:
    if actor.institution is None:
        raise NotAllowed
    kept = await add_basis(sql, asked.basis, by=actor.scope, participant=person) if asked.basis else None
    return await insert_task(
        sql,
        by=actor.scope,
        party=Party.SND,
        request=request,
        participant=person,
        sender=actor.institution,
        receiver=asked.receiver,
        offer=asked.offer,
        keeper=actor.account,
        basis=kept,
        no_data=asked.basis is not None and asked.basis.kind is Kind.NO_DATA,
        note=seal(asked.note) if asked.note else None,
    )

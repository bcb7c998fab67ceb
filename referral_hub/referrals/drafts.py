"""A draft: why a person needs help and whom we ask; nothing leaves the institution before it is sent."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import audit_line, record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, seal
from referral_hub.database.transaction import Scope, retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused, Stale
from referral_hub.participants.actions import add_basis
from referral_hub.participants.basis import Basis, Kind
from referral_hub.participants.free_text import holds_pesel
from referral_hub.referrals.case import Case, load_case
from referral_hub.referrals.grounds import basis_from, set_basis
from referral_hub.referrals.history import history_line
from referral_hub.referrals.states import Channel, Party, State
from referral_hub.vocabularies.book import is_known

PRIORITIES = ("ordinary", "priority", "urgent")
NOTE_LENGTH = 2000


def sending(actor: Actor) -> Actor:
    """The actor as caseworker. Raises NotAllowed."""
    if not actor.may(Permission.REFERRAL_SEND) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(Permission.REFERRAL_SEND)


async def _receiver_of(sql: asyncpg.Connection, offer: UUID) -> UUID:
    """The institution of an offer that can be referred to. Raises NotFound."""
    found = await sql.fetchval(
        """select o.institution from offer o join institution i on i.id = o.institution
        where o.id = $1 and o.status in ('published', 'closed') and i.status = 'published'""",
        offer,
    )
    if found is None:
        raise NotFound
    return UUID(str(found))


def _note_problems(note: str) -> list[Problem]:
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
    """A task in draft, its first history line and audit line, inside the caller's transaction."""
    task, moment = new_id(), clock.now()
    await sql.execute(
        """insert into referral_task (id, number, request, participant, sender, receiver, offer, replaces, basis,
         no_data, note_sealed, keeper, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)""",
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
    )
    line = history_line(
        task=task, verb="create", before="", after=State.DRAFT, party=party, channel=Channel.SELF, by=by, version=1
    )
    await write_all(sql, [line, audit_line(Event.REFERRAL_DRAFT, by=by, subject=("referral", task))])
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
) -> UUID:
    """A referral in draft; the id of its task.

    Raises NotAllowed, NotFound (person or offer not there or not the actor's), Refused("invalid") with every
    problem. A missing basis may be given later, before sending.
    """
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case_code = await sql.fetchval(
            "update participant set last_used_at = $3 where id = $1 and institution = $2 returning case_code",
            person,
            actor.institution,
            clock.now(),
        )
        if case_code is None:
            raise NotFound
        receiver = await _receiver_of(sql, offer)
        problems = _note_problems(note)
        if not is_known("need", need):
            problems.append(Problem("need", "not_a_choice"))
        if priority not in PRIORITIES:
            problems.append(Problem("priority", "not_a_choice", {"choices": list(PRIORITIES)}))
        read: Basis | None = None
        if basis is not None:
            read, more = basis_from(basis, recipient=receiver, need=need)
            problems += more
        if problems:
            raise Refused("invalid", problems)
        request = new_id()
        await sql.execute(
            """insert into referral_request (id, sender, participant, case_code, need, priority, keeper, made_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)""",
            request,
            actor.institution,
            person,
            case_code,
            need,
            priority,
            actor.account,
            clock.now(),
        )
        kept = await add_basis(sql, read, by=actor.scope, participant=person) if read else None
        if actor.institution is None:
            raise NotAllowed
        return await insert_task(
            sql,
            by=actor.scope,
            party=Party.SND,
            request=request,
            participant=person,
            sender=actor.institution,
            receiver=receiver,
            offer=offer,
            keeper=actor.account,
            basis=kept,
            no_data=read is not None and read.kind is Kind.NO_DATA,
            note=seal(note.strip()) if note.strip() else None,
        )


@retrying
async def edit_draft(
    task: UUID,
    *,
    actor: Actor,
    version: int,
    basis: Mapping[str, object] | None = None,
    note: str | None = None,
    priority: str | None = None,
) -> None:
    """Change a draft before it is sent; what is None stays. Raises NotFound, Stale, Refused `move_is_not_open`."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case = await load_case(sql, task)
        if case is None or case["sender"] != actor.institution:
            raise NotFound
        if case["version"] != version:
            raise Stale
        if case["state"] != State.DRAFT:
            raise Refused("move_is_not_open")
        problems = _note_problems(note or "")
        if priority is not None and priority not in PRIORITIES:
            problems.append(Problem("priority", "not_a_choice", {"choices": list(PRIORITIES)}))
        if problems:
            raise Refused("invalid", problems)
        if basis is not None:
            await set_basis(sql, case, basis, by=actor.scope)
        if priority is not None:
            await sql.execute("update referral_request set priority = $2 where id = $1", case["request"], priority)
        if note is not None:
            sealed = seal(note.strip()) if note.strip() else None
            await sql.execute("update referral_task set note_sealed = $2 where id = $1", task, sealed)
        changed = await sql.fetchval(
            "update referral_task set version = version + 1 where id = $1 and version = $2 returning version",
            task,
            version,
        )
        if changed is None:
            raise Stale
        await record(Event.REFERRAL_EDIT, by=actor.scope, subject=("referral", task))


async def reroute(
    sql: asyncpg.Connection, case: Case, fields: Mapping[str, object], *, by: Scope, party: Party
) -> UUID:
    """A new draft that replaces a task which did not help, inside the caller's transaction; its id.

    The old basis goes along only to the same receiver; another receiver needs its own.
    """
    offer = UUID(str(fields["offer"]))
    receiver = await _receiver_of(sql, offer)
    basis_id, no_data = (case["basis"], case["no_data"]) if receiver == case["receiver"] else (None, False)
    given = fields.get("basis")
    if isinstance(given, Mapping):
        basis, problems = basis_from(given, recipient=receiver, need=case["need"])
        if basis is None:
            raise Refused("invalid", problems)
        if party is Party.COO:
            # A coordinator knows no person: the ground is the sender's to name.
            raise Refused("basis_is_the_senders")
        basis_id = await add_basis(sql, basis, by=by, participant=case["participant"])
        no_data = basis.kind is Kind.NO_DATA
    await sql.execute("update referral_request set state = 'open' where id = $1", case["request"])
    return await insert_task(
        sql,
        by=by,
        party=party,
        request=case["request"],
        participant=case["participant"],
        sender=case["sender"],
        receiver=receiver,
        offer=offer,
        keeper=case["keeper"],
        basis=basis_id,
        no_data=no_data,
        note=case["note_sealed"],
        replaces=case["id"],
    )

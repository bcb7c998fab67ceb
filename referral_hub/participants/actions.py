"""Registering people and the grounds on which something about them may be shared.

    register(*, actor, label, sex, gmina="", groups=(), needs=(), contact="", safe_contact="", language="pl") -> Person
    edit_person(person, *, actor, the same fields, those not given stay; `safe_contact` whole)
    open_person(person, *, actor, purpose="", fields=…) -> Opened   reads these (else everything), leaves a line of them
    add_basis(sql, basis, *, by, participant) -> UUID                     inside the caller's transaction
    withdraw_basis(sql, basis, *, by)                                     inside the caller's transaction

`queries.py` answers: people_seen_by, person_seen_by, disclosures_about.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, seal
from referral_hub.database.transaction import Scope, retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.participants.basis import Basis, articles
from referral_hub.participants.case_codes import new_case_code
from referral_hub.participants.disclosures import PERSON_COLUMNS, log_opening, open_fields
from referral_hub.participants.person import Described, problems_of
from referral_hub.participants.safe_contact import SafeContact, kept
from referral_hub.participants.spellings import index_of, indexes_of

EVERYTHING = ("label", "contact", "safe_contact", "sex", "gmina", "groups", "needs", "language")


class Person(Struct, frozen=True):
    """A registered person as lists know them; `same_label` are case codes of others here with the same label."""

    id: UUID
    case_code: str
    same_label: tuple[str, ...] = ()


class Opened(Struct, frozen=True, kw_only=True):
    """A person with everything unsealed, for the caseworker of the owning institution."""

    id: UUID
    case_code: str
    label: str = ""
    contact: str = ""
    safe_contact: SafeContact = SafeContact()
    sex: str = "not_stated"
    gmina: str = ""
    groups: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    language: str = "pl"


def _caseworker(actor: Actor, permission: Permission) -> Actor:
    if not actor.may(permission) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(permission)


def _safe(given: SafeContact | str) -> SafeContact:
    """Words of somebody who knows no fields stand as words."""
    return SafeContact(words=given.strip()) if isinstance(given, str) else given


def _sealed_or_none(text: str) -> bytes | None:
    return seal(text) if text else None


@retrying
async def register(
    *,
    actor: Actor,
    label: str,
    sex: str,
    gmina: str = "",
    groups: Sequence[str] = (),
    needs: Sequence[str] = (),
    contact: str = "",
    safe_contact: SafeContact | str = "",
    language: str = "pl",
) -> Person:
    """Register a person of the actor's institution. Raises NotAllowed, Refused("invalid") with every problem.

    `label` is what this institution calls the person by; it is sealed, and so are contacts and groups.
    """
    actor = _caseworker(actor, Permission.PERSON_EDIT)
    described = Described(
        label=" ".join(label.split()),
        sex=sex,
        gmina=gmina.strip(),
        groups=tuple(dict.fromkeys(groups)),
        needs=tuple(dict.fromkeys(needs)),
        contact=contact.strip(),
        safe_contact=_safe(safe_contact),
        language=language,
    )
    if problems := problems_of(described):
        raise Refused("invalid", problems)
    person, moment, index = new_id(), clock.now(), index_of(described.label)
    async with transaction(actor.scope) as sql:
        same = await sql.fetch(
            """select case_code from participant where institution = $1 and label_index = any($2::bytea[])
             and merged_into is null order by made_at limit 5""",
            actor.institution,
            indexes_of(described.label),
        )
        case_code = await _insert(sql, person, described, index, actor, moment)
        await record(Event.PERSON_ADD, by=actor.scope, subject=("participant", person))
    return Person(person, case_code, tuple(row["case_code"] for row in same))


async def _insert(
    sql: asyncpg.Connection, person: UUID, described: Described, index: bytes, actor: Actor, moment: datetime
) -> str:
    while True:
        # A code already given to somebody makes no row; then another one is tried.
        code = await sql.fetchval(
            """insert into participant (id, institution, case_code, label_sealed, label_index, sex, gmina,
             contact_sealed, safe_contact_sealed, groups_sealed, needs, language, keeper, made_at, last_used_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
            on conflict (case_code) do nothing returning case_code""",
            person,
            actor.institution,
            new_case_code(),
            seal(described.label),
            index,
            described.sex,
            described.gmina,
            _sealed_or_none(described.contact),
            _sealed_or_none(kept(described.safe_contact)),
            seal_groups(described.groups),
            list(described.needs),
            described.language,
            actor.account,
            moment,
        )
        if code is not None:
            return str(code)


def seal_groups(groups: Sequence[str]) -> bytes | None:
    """The codes of groups as one sealed value, None for none."""
    return seal(msgspec.json.encode(list(groups)).decode()) if groups else None


@retrying
async def edit_person(person: UUID, *, actor: Actor, **changes: object) -> None:
    """Change what is known; fields not named stay. Raises NotFound, NotAllowed, Refused("invalid")."""
    actor = _caseworker(actor, Permission.PERSON_EDIT)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            f"select {PERSON_COLUMNS} from participant where id = $1 and institution = $2 "  # noqa: S608 -- our columns
            "and merged_into is null for update",
            person,
            actor.institution,
        )
        if row is None:
            raise NotFound
        known = {"sex": row["sex"], **open_fields(row, EVERYTHING)}
        described = msgspec.convert({**known, **changes}, Described, from_attributes=True)
        if problems := problems_of(described):
            raise Refused("invalid", problems)
        await sql.execute(
            """update participant set label_sealed = $2, label_index = $3, sex = $4, gmina = $5, contact_sealed = $6,
             safe_contact_sealed = $7, groups_sealed = $8, needs = $9, language = $10, last_used_at = $11
            where id = $1""",
            person,
            seal(described.label),
            index_of(described.label),
            described.sex,
            described.gmina,
            _sealed_or_none(described.contact),
            _sealed_or_none(kept(described.safe_contact)),
            seal_groups(described.groups),
            list(described.needs),
            described.language,
            clock.now(),
        )
        await record(
            Event.PERSON_EDIT, by=actor.scope, subject=("participant", person), facts={"fields": sorted(changes)}
        )


@retrying
async def open_person(person: UUID, *, actor: Actor, purpose: str = "", fields: Sequence[str] = EVERYTHING) -> Opened:
    """A person of the own institution with these fields opened, and a disclosure line of them that says who looked.

    Raises NotFound for people of others (also for a coordinator: a case code is all that role sees).
    """
    actor = _caseworker(actor, Permission.PERSON_READ)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            f"select {PERSON_COLUMNS} from participant where id = $1 and institution = $2 and merged_into is null",  # noqa: S608 -- names of our own, values are parameters
            person,
            actor.institution,
        )
        if row is None:
            raise NotFound
        opened = open_fields(row, fields)
        await log_opening(sql, participant=person, fields=opened, by=actor.scope, purpose=purpose[:200])
        await record(Event.PERSON_OPEN, by=actor.scope, subject=("participant", person))
    return msgspec.convert({"id": person, "case_code": row["case_code"], **opened}, Opened, from_attributes=True)


async def add_basis(sql: asyncpg.Connection, basis: Basis, *, by: Scope, participant: UUID) -> UUID:
    """Record a basis inside the caller's transaction; its id."""
    row = new_id()
    six, nine, ten = articles(basis)
    await sql.execute(
        """insert into legal_basis (id, participant, receiver, kind, ground, article_9_10, purpose, fields, given_how,
         made_at, until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        row,
        participant,
        basis.recipient,
        basis.kind.value,
        basis.ground,
        ", ".join(part for part in (six, nine, ten) if part),
        basis.purpose,
        sorted(basis.fields),
        basis.given_how,
        clock.now(),
        basis.until,
    )
    await record(Event.BASIS_ADD, by=by, subject=("legal_basis", row), facts={"kind": basis.kind})
    return row


async def withdraw_basis(sql: asyncpg.Connection, basis: UUID, *, by: Scope) -> None:
    """End a basis at once, inside the caller's transaction."""
    await sql.execute(
        "update legal_basis set withdrawn_at = $2 where id = $1 and withdrawn_at is null", basis, clock.now()
    )
    await record(Event.BASIS_WITHDRAW, by=by, subject=("legal_basis", basis))

"""Bring an institution into the network, change what is known of it, record on what basis it may pass data.

Every function is one transaction: the change, its history per field, the directory's new version, the audit line.
`by` is the scope of whoever acts; whether they may is asked by the route, and by the rooms above for whose it is.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import Scope, retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.institutions.changes import keep_history, tell_directory
from referral_hub.institutions.contacts import NewContact as NewContact
from referral_hub.institutions.contacts import add_contact
from referral_hub.institutions.contacts import set_contacts as set_contacts
from referral_hub.institutions.identifiers import check_identifier
from referral_hub.vocabularies.book import is_known
from referral_hub.vocabularies.words import sort_key

EDITABLE = (
    "kind",
    "name",
    "short_name",
    "description",
    "parent",
    "terc",
    "language",
    "club",
    "example",
    "status",
    "edits_wait",
    "reached_by",
)
LONGEST = {"name": 300, "short_name": 80, "description": 5000}
STATUSES = ("draft", "published", "archived")


class NewInstitution(Struct, frozen=True, kw_only=True):
    """What is known of a new institution; `kind` is a code of the vocabulary `kind`, `terc` has 0, 2, 4 or 6 digits."""

    kind: str
    name: str
    short_name: str = ""
    description: str = ""
    parent: UUID | None = None
    terc: str = ""
    language: str = "pl"
    club: bool = False
    example: bool = False
    status: str = "published"


@retrying
async def add_institution(
    facts: NewInstitution,
    *,
    by: Scope,
    source: str,
    identifiers: Sequence[tuple[str, str]] = (),
    contacts: Sequence[NewContact] = (),
) -> UUID:
    """A new institution with its identifiers (scheme, number) and contacts; its id.

    Raises Refused("invalid") naming every field that cannot be taken; an identifier's field is its scheme.
    """
    values = structs.asdict(facts)
    problems = _problems(values)
    checked = [(scheme, check_identifier(scheme, number)) for scheme, number in identifiers]
    problems += [Problem(scheme, f"identifier_{found.problem}") for scheme, found in checked if found.problem]
    if problems:
        raise Refused("invalid", problems)
    made, moment = new_id(), clock.now()
    async with transaction(by) as sql:
        await sql.execute(
            """insert into institution (id, kind, name, sort_key, short_name, description, parent, terc, language,
             club, example, status, version, made_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $13)""",
            made,
            facts.kind,
            facts.name,
            sort_key(facts.name),
            facts.short_name,
            facts.description,
            facts.parent,
            facts.terc,
            facts.language,
            facts.club,
            facts.example,
            facts.status,
            moment,
        )
        for scheme, found in checked:
            await _add_identifier(sql, made, scheme, found.value, source)
        for position, contact in enumerate(contacts):
            await add_contact(sql, made, contact, source, position)
        given = {field: value for field, value in values.items() if value not in ("", None, False)}
        await keep_history(sql, ("institution", made), {}, given, source=source, by=by)
        await tell_directory(sql, institution=made)
        await record(Event.INSTITUTION_ADD, by=by, subject=("institution", made), facts={"source": source})
    return made


@retrying
async def edit_institution(
    institution: UUID,
    changes: Mapping[str, object],
    *,
    by: Scope,
    source: str,
    version: int | None = None,
    why: str = "",
) -> int:
    """Change the fields of EDITABLE that are named; the new version (the old one if nothing differs).

    Raises NotFound, Stale when `version` is given and not the present one, Refused("invalid").
    """
    problems = _problems(changes) + [Problem(field, "unknown_field") for field in changes if field not in EDITABLE]
    if problems:
        raise Refused("invalid", problems)
    async with transaction(by) as sql:
        row = await sql.fetchrow("select * from institution where id = $1 for update", institution)
        if row is None:
            raise NotFound
        if version is not None and row["version"] != version:
            raise Stale
        changed = await keep_history(sql, ("institution", institution), row, changes, source=source, by=by, why=why)
        if not changed:
            return int(row["version"])
        values: dict[str, object] = {field: changes[field] for field in changed}
        if "name" in values:
            values["sort_key"] = sort_key(str(values["name"]))
        await update(sql, "institution", institution, values)
        await tell_directory(sql, institution=institution)
        facts = {"fields": changed, "source": source}
        await record(Event.INSTITUTION_EDIT, by=by, subject=("institution", institution), facts=facts)
        return int(row["version"]) + 1


async def update(sql: asyncpg.Connection, table: str, row: UUID, values: Mapping[str, object]) -> None:
    """Set columns (names of ours, never from outside), raise the row's version, note when."""
    columns = "".join(f"{name} = ${number}, " for number, name in enumerate(values, start=3))
    await sql.execute(
        f"update {table} set {columns}version = version + 1, updated_at = $2 where id = $1",  # noqa: S608 -- names of our own, values are parameters
        row,
        clock.now(),
        *values.values(),
    )


@retrying
async def add_agreement(
    institution: UUID,
    kind: str,
    *,
    signed_on: date,
    by: Scope,
    valid_until: date | None = None,
    reference: str = "",
) -> UUID:
    """Record the basis on which accounts of an institution may pass personal data; its id.

    `kind`: agreement, statute or internal. Raises NotFound, Refused("invalid").
    """
    problems = [Problem("kind", "not_a_choice")] if kind not in ("agreement", "statute", "internal") else []
    if valid_until is not None and valid_until < signed_on:
        problems.append(Problem("valid_until", "date_too_early", {"earliest": signed_on}))
    if len(reference) > 200:
        problems.append(Problem("reference", "too_long", {"most": 200}))
    if problems:
        raise Refused("invalid", problems)
    made = new_id()
    async with transaction(by) as sql:
        if await sql.fetchval("select true from institution where id = $1", institution) is None:
            raise NotFound
        await sql.execute(
            """insert into data_agreement (id, institution, kind, reference, signed_on, valid_until, recorded_by)
            values ($1, $2, $3, $4, $5, $6, $7)""",
            made,
            institution,
            kind,
            reference,
            signed_on,
            valid_until,
            by.account,
        )
        facts = {"kind": kind}
        await record(Event.AGREEMENT_ADD, by=by, subject=("institution", institution), facts=facts)
    return made


def _problems(values: Mapping[str, Any]) -> list[Problem]:
    found = [
        Problem(field, "too_long", {"most": most, "length": len(values[field])})
        for field, most in LONGEST.items()
        if field in values and len(values[field]) > most
    ]
    if "name" in values and not str(values["name"]).strip():
        found.append(Problem("name", "required"))
    if "kind" in values and not is_known("kind", str(values["kind"])):
        found.append(Problem("kind", "not_a_choice"))
    if "status" in values and values["status"] not in STATUSES:
        found.append(Problem("status", "not_a_choice"))
    terc = str(values.get("terc", ""))
    if terc and not (terc.isascii() and terc.isdigit() and len(terc) in (2, 4, 6)):
        found.append(Problem("terc", "identifier_format"))
    if values.get("reached_by", "email") not in ("email", "sms", "phone"):
        found.append(Problem("reached_by", "not_a_choice"))
    return found


async def _add_identifier(sql: asyncpg.Connection, institution: UUID, scheme: str, value: str, source: str) -> None:
    await sql.execute(
        """insert into institution_identifier (id, institution, scheme, value, source) values ($1, $2, $3, $4, $5)
        on conflict do nothing""",
        new_id(),
        institution,
        scheme,
        value,
        source,
    )

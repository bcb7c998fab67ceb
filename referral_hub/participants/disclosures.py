"""Opening what is sealed about a person: every opening and every passing on leaves one line, in its transaction."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from referral_hub import clock
from referral_hub.database.columns import new_id, unseal
from referral_hub.database.transaction import Scope
from referral_hub.database.writes import Write
from referral_hub.participants import safe_contact

OPENED, PASSED, ENDED = "opened", "passed", "ended"
_ADD = """insert into disclosure (id, participant, at, kind, account, institution, role, fields, task, basis, purpose)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""
PERSON_COLUMNS = (
    "id, institution, case_code, label_sealed, sex, gmina, contact_sealed, safe_contact_sealed, groups_sealed, needs, "
    "language, keeper, made_at, last_used_at, closed_at"
)


def disclosure_line(
    *,
    kind: str,
    participant: UUID,
    fields: Collection[str],
    by: Scope,
    institution: UUID | None = None,
    task: UUID | None = None,
    basis: UUID | None = None,
    purpose: str = "",
) -> Write:
    """One line: `institution` is who got to know (by default the actor's own), `kind` opened, passed or ended."""
    who = (by.account, institution or by.institution, by.role)
    return Write(_ADD, (new_id(), participant, clock.now(), kind, *who, sorted(fields), task, basis, purpose))


async def log_opening(
    sql: asyncpg.Connection,
    *,
    participant: UUID,
    fields: Collection[str],
    by: Scope,
    task: UUID | None = None,
    basis: UUID | None = None,
    purpose: str = "",
) -> None:
    """Note that somebody has read these fields, in the transaction of the reading."""
    line = disclosure_line(
        kind=OPENED, participant=participant, fields=fields, by=by, task=task, basis=basis, purpose=purpose
    )
    await sql.execute(line.text, *line.values)


def sealed_groups(row: Any) -> list[str]:
    """The group codes of a participant row; they are sealed, since they are data of art. 9 and 10."""
    sealed = row["groups_sealed"]
    return [] if sealed is None else msgspec.json.decode(unseal(sealed), type=list[str])


def open_fields(row: Any, fields: Collection[str]) -> dict[str, object]:
    """The named fields of a participant row, unsealed; those that are empty are left out."""
    found: dict[str, object] = {}
    for name in fields:
        value: object = None
        if name == "groups":
            value = sealed_groups(row)
        elif name in ("label", "contact"):
            sealed = row[f"{name}_sealed"]
            value = None if sealed is None else unseal(sealed)
        elif name == "safe_contact":
            sealed = row["safe_contact_sealed"]
            value = None if sealed is None else safe_contact.read(unseal(sealed))
        elif name in ("sex", "gmina", "needs", "language"):
            value = row[name]
        if value not in (None, "", []):
            found[name] = list(value) if isinstance(value, list | tuple) else value
    return found

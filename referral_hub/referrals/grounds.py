"""The legal basis of a referral: read from what was typed, and put under a draft."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.database.transaction import Scope
from referral_hub.errors import Problem, Refused
from referral_hub.participants.actions import add_basis
from referral_hub.participants.basis import Basis, Kind, read_basis
from referral_hub.participants.disclosures import sealed_groups
from referral_hub.participants.person import criminal
from referral_hub.referrals.case import Case
from referral_hub.vocabularies.book import label

_BASIS_FIELDS = ("kind", "ground", "until", "fields", "given_how")


def basis_from(
    given: Mapping[str, object], *, recipient: UUID, need: str, internal: bool = False
) -> tuple[Basis | None, list[Problem]]:
    """A basis from what was typed: kind, ground, until (a day), fields (a list), given_how; or all that is wrong."""
    problems = [Problem(f"basis.{name}", "unknown_field") for name in given if name not in _BASIS_FIELDS]
    until = given.get("until") or None
    if isinstance(until, str):
        try:
            until = date.fromisoformat(until)
        except ValueError:
            problems.append(Problem("basis.until", "not_a_date"))
            until = None
    fields = given.get("fields")
    if fields is not None and not (isinstance(fields, list | tuple) and all(isinstance(one, str) for one in fields)):
        problems.append(Problem("basis.fields", "wrong_type", {"expected": "array"}))
        fields = None
    basis, more = read_basis(
        kind=str(given.get("kind") or ""),
        ground=str(given.get("ground") or ""),
        fields=None if fields is None else list(fields),
        until=until if isinstance(until, date) else None,
        recipient=recipient,
        purpose=label("need", need, "pl"),
        today=clock.today(),
        internal=internal,
        given_how=str(given.get("given_how") or ""),
    )
    problems += more
    return (None if problems else basis), problems


async def shares_criminal_data(sql: asyncpg.Connection, person: UUID, fields: Collection[str]) -> bool:
    """Whether the groups are among what is shared, and one of them is of art. 10 GDPR."""
    if "groups" not in fields:
        return False
    sealed = await sql.fetchrow("select groups_sealed from participant where id = $1", person)
    return sealed is not None and criminal(sealed_groups(sealed))


async def set_basis(sql: asyncpg.Connection, case: Case, given: Mapping[str, object], *, by: Scope) -> None:
    """Put another basis under a draft, inside the caller's transaction. Raises Refused("invalid")."""
    basis, problems = basis_from(given, recipient=case["receiver"], need=case["need"], internal=case["internal"])
    if basis is None:
        raise Refused("invalid", problems)
    kept = await add_basis(sql, basis, by=by, participant=case["participant"])
    await sql.execute(
        "update referral_task set basis = $2, no_data = $3 where id = $1",
        case["id"],
        kept,
        basis.kind is Kind.NO_DATA,
    )

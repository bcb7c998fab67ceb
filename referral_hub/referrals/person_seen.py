"""What somebody sees of the person behind a task on this day, and its opening, which leaves a disclosure line.

The one place that says what a receiver may see: its own page, attendance lists, letters and the preview ask here.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.columns import unseal
from referral_hub.participants.basis import covers
from referral_hub.participants.disclosures import PERSON_COLUMNS, log_opening, open_fields
from referral_hub.participants.seen import view_of_person
from referral_hub.referrals.case import Case, basis_of
from referral_hub.referrals.states import Party, Verb

Opening = bool | Collection[str]
"""Whether everything that may be seen of a person is opened, or which fields of it."""
OF_TASK: Final = ("case_code", "need", "priority")
OF_SENDER: Final = ("label", "contact", "safe_contact", "sex", "gmina", "groups", "needs", "language")
BASIS_ENDED: Final = "basis_ended"
"""The history's word for a basis that ran out on its day; no move of the lifecycle."""
BASIS_ENDS: Final = "basis_ends"
"""The history's word for a basis whose last day is near, told to its sender."""
BASIS_RENEWED: Final = "basis_renewed"
"""The history's word for a basis that was agreed anew; no move of the lifecycle either."""
ENDS_SHARING: Final = (Verb.WITHDRAW_CONSENT.value, BASIS_ENDED)
SHOWN: Final = """(t.access = 'own_record' or (t.access <> 'none' and not t.sharing_ended and exists (
  select 1 from legal_basis lb where lb.id = t.basis and lb.withdrawn_at is null
  and (lb.until is null or lb.until >= {today}))))"""
"""The same for lists, over a task `t`: where it is false its receiver reads a number and no more."""


def shares(case: Mapping[str, Any], today: date) -> bool:
    """Whether the receiver is shown anything of the person: sharing goes on and a basis holds on this day."""
    basis = basis_of(case)
    return (
        case["access"] in ("summary", "disclosed")
        and not case["sharing_ended"]
        and basis is not None
        and covers(basis, receiver=case["receiver"], today=today)
    )


def as_received(case: Case, today: date) -> Case:
    """The case as its receiver may know it: without a basis that holds nothing but its number, and own records."""
    if case["access"] not in ("summary", "disclosed") or shares(case, today):
        return case
    return {**case, "access": "none"}


def fields_for_receiver(case: Mapping[str, Any], today: date) -> tuple[str, ...]:
    """The fields the receiver may open on this day, in the order they are shown."""
    if case["access"] in ("summary", "disclosed") and not shares(case, today):
        return ()
    basis = basis_of(case)
    return view_of_person(case["access"], basis.fields if basis else ())


def fields_seen(case: Case, side: Party | None, today: date) -> tuple[str, ...]:
    """The fields that somebody on this side may open."""
    if side is Party.SND:
        return (*OF_TASK, *OF_SENDER, "note")
    return fields_for_receiver(case, today) if side is Party.RCV else OF_TASK


async def person_seen(
    sql: asyncpg.Connection, actor: Actor, case: Case, side: Party | None, open_person: Opening
) -> dict[str, Any]:
    """The fields of the person by name; sealed ones only where `open_person` (all, or these), and then a line says
    who read them."""
    fields = fields_seen(case, side, clock.today())
    seen: dict[str, Any] = {name: case[name] for name in OF_TASK if name in fields}
    wanted = fields if open_person is True else open_person or ()
    sealed = [name for name in fields if name in wanted and name not in seen]
    if not sealed:
        return seen
    row = await sql.fetchrow(f"select {PERSON_COLUMNS} from participant where id = $1", case["participant"])  # noqa: S608 -- names of our own, values are parameters
    opened = open_fields(row, sealed) if row is not None else {}
    if "note" in sealed and case["note_sealed"] is not None:
        opened["note"] = unseal(case["note_sealed"])
    if opened:
        await note_reading(sql, actor, case, opened, side)
    return seen | opened


async def note_reading(
    sql: asyncpg.Connection, actor: Actor, case: Case, fields: Collection[str], side: Party | None
) -> None:
    """The disclosure line of what was read about the person of this case; what the person reads is no disclosure."""
    if side is Party.PAR:
        return
    await log_opening(
        sql,
        participant=case["participant"],
        fields=fields,
        by=actor.scope,
        task=case["id"],
        basis=case["basis"] if side is Party.RCV else None,
        purpose=case["purpose"] or "",
    )

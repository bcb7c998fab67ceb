"""When somebody last knew a field to be right, field by field: a phone by a call yesterday, hours last March.

A change of an entry (`updated_at`) confirms nothing. Each confirmation is a line that stays; of a contact the newest
also stands on the contact itself and ends the doubt that „nobody answered” raised. A doubt concerns one number only.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import Scope, retrying, transaction
from referral_hub.errors import NotFound, Refused
from referral_hub.institutions.changes import tell_directory

PHONES: Final = ("phone", "mobile", "helpline")
HOW: Final = ("partner", "call", "coordinator", "import")
DOUBT_AGAIN: Final = timedelta(hours=12)
"""Nobody answering again within this time is the same doubt, not a newer one."""

_ADD = """insert into field_confirmation (id, institution, subject_kind, subject, field, confirmed_on, how, account, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
# A register does not know whether our mail arrives: only people end that doubt.
_RIGHT = """update contact set confirmed_on = $2, confirmed_how = $3::text, doubted_at = null,
 failing_since = case when $3::text = 'import' then failing_since end
where id = any($1::uuid[]) and (confirmed_on is null or confirmed_on <= $2)"""


@retrying
async def confirm_field(
    institution: UUID, subject: tuple[str, UUID], field: str, *, how: str, by: Scope, on: date | None = None
) -> None:
    """Somebody knows on this day that a field is right as it stands, and changes nothing.

    `subject`: (institution|site|offer, its id), `field` its column; for a contact use `confirm_contacts`.
    Raises Refused("invalid") for an unknown `how` or a day to come.
    """
    day = _checked(how, on)
    async with transaction(by) as sql:
        await sql.execute(_ADD, new_id(), institution, *subject, field, day, how, by.account, clock.now())
        await tell_directory(sql, institution=institution)
        await record(Event.FIELD_CONFIRM, by=by, subject=subject, facts={"fields": [field], "how": how})


@retrying
async def confirm_contacts(
    institution: UUID, contacts: Sequence[UUID], *, how: str, by: Scope, on: date | None = None
) -> int:
    """Somebody knows on this day that these contacts of an institution are right; how many there are.

    Their doubts end. Ids of other institutions' contacts count for nothing; with none left nothing is written.
    """
    day = _checked(how, on)
    async with transaction(by) as sql:
        rows = await sql.fetch(
            """select id, belongs_to, kind, value from contact
            where institution = $1 and id = any($2::uuid[]) for update""",
            institution,
            list(contacts),
        )
        if not rows:
            return 0
        lines = [
            (
                new_id(),
                institution,
                "contact",
                row["belongs_to"] or institution,
                filed(row["kind"], row["value"]),
                day,
                how,
                by.account,
            )
            for row in rows
        ]
        await sql.executemany(_ADD, [(*line, clock.now()) for line in lines])
        await sql.execute(_RIGHT, [row["id"] for row in rows], day, how)
        await tell_directory(sql, institution=institution)
        facts = {"fields": sorted({row["kind"] for row in rows}), "how": how}
        await record(Event.FIELD_CONFIRM, by=by, subject=("institution", institution), facts=facts)
    return len(rows)


@retrying
async def confirm_phone(institution: UUID, number: str, *, how: str, by: Scope) -> int:
    """A call reached somebody at `number` (digits, blanks forgiven): every contact with it is confirmed today."""
    digits = "".join(sign for sign in number if sign.isdigit())
    async with transaction(by) as sql:
        rows = await sql.fetch(
            """select id from contact where institution = $1 and kind = any($2)
            and regexp_replace(value, '[^0-9]', '', 'g') = $3""",
            institution,
            list(PHONES),
            digits,
        )
        return await confirm_contacts(institution, [row["id"] for row in rows], how=how, by=by) if rows else 0


@retrying
async def doubt_phone(contact: UUID, *, by: Scope) -> bool:
    """Nobody answered at this number: it is shown after others, with words, until somebody confirms it.

    Nothing else of the institution is touched. False where it was doubted a moment ago. Raises NotFound.
    """
    async with transaction(by) as sql:
        row = await sql.fetchrow(
            "select institution, doubted_at from contact where id = $1 and kind = any($2) for update",
            contact,
            list(PHONES),
        )
        if row is None:
            raise NotFound
        if row["doubted_at"] is not None and row["doubted_at"] > clock.now() - DOUBT_AGAIN:
            return False
        await sql.execute("update contact set doubted_at = $2 where id = $1", contact, clock.now())
        await tell_directory(sql, institution=row["institution"])
        await record(Event.CONTACT_DOUBT, by=by, subject=("institution", row["institution"]))
    return True


def filed(kind: str, value: str) -> str:
    """What a line about a contact is filed under: its kind, and of a phone its digits."""
    return f"{kind}:{''.join(filter(str.isdigit, value))}"[:40] if kind in PHONES else kind


def _checked(how: str, on: date | None) -> date:
    day = on or clock.today()
    if how not in HOW or day > clock.today():
        raise Refused("invalid")
    return day

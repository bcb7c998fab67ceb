"""Phones, addresses and pages of an institution, of its sites and offers: business contacts only."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import Scope, connection, retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.institutions.changes import keep_history, tell_directory
from referral_hub.institutions.phones import pretty

CONTACT_KINDS = ("phone", "mobile", "fax", "helpline", "email", "www", "epuap", "edoreczenia")

LATELY = timedelta(days=7)
"""What somebody brought in by a correction proves nothing until it has stood so long."""
BY_HAND = "f.source in ('coordinator', 'partner')"
BY_LINK = "f.source = 'partner' and f.account is null"
_PHONE = """select value from contact where institution = $1 and belongs_to is null
and kind in ('phone', 'mobile', 'helpline') order by doubted_at is not null, position, id limit 1"""


def brought(by: str, since: str) -> str:
    """SQL: a row of `contact` came by a change of the kind `by` (BY_HAND, BY_LINK) after `since`, a placeholder."""
    return f"""exists (select 1 from field_source f where f.subject_kind = 'contact' and f.field = 'contacts'
  and f.subject = coalesce(contact.belongs_to, contact.institution) and {by} and f.at > {since}
  and strpos(lower(f.value::text), to_json(lower(contact.value))::text) > 0
  and strpos(lower(coalesce(f.before::text, '')), to_json(lower(contact.value))::text) = 0)"""  # noqa: S608 -- ours


class NewContact(Struct, frozen=True, kw_only=True):
    """A business contact: `kind` one of CONTACT_KINDS, `belongs_to` a site or offer, None for the institution."""

    kind: str
    value: str
    extension: str = ""
    label: str = ""
    visibility: str = "public"
    belongs_to: UUID | None = None
    confirmed_on: date | None = None
    source: str = ""


@retrying
async def set_contacts(
    institution: UUID,
    contacts: Sequence[NewContact],
    *,
    by: Scope,
    source: str,
    belongs_to: UUID | None = None,
    why: str = "",
) -> bool:
    """Replace the contacts of an institution, or of one of its sites or offers; whether anything differed.

    A number or address that stays keeps its row, and with it what is known of it: confirmed when, doubted since when.
    """
    if any(contact.kind not in CONTACT_KINDS or not contact.value.strip() for contact in contacts):
        raise Refused("invalid", [Problem("contact", "not_a_choice")])
    async with transaction(by) as sql:
        if await sql.fetchval("select true from institution where id = $1 for update", institution) is None:
            raise NotFound
        rows = await sql.fetch(
            """select id, kind, value, extension, label, visibility from contact
            where institution = $1 and belongs_to is not distinct from $2 order by position, id""",
            institution,
            belongs_to,
        )
        before = [list(row.values())[1:] for row in rows]
        after = [[one.kind, one.value.strip(), one.extension, one.label, one.visibility] for one in contacts]
        subject, told = ("contact", belongs_to or institution), {"contacts": after}
        if not await keep_history(sql, subject, {"contacts": before}, told, source=source, by=by, why=why):
            return False
        await _replace_contacts(sql, institution, rows, contacts, belongs_to, source)
        await tell_directory(sql, institution=institution)
        facts = {"fields": ["contacts"], "source": source}
        await record(Event.INSTITUTION_EDIT, by=by, subject=("institution", institution), facts=facts)
        return True


async def _replace_contacts(
    sql: asyncpg.Connection,
    institution: UUID,
    rows: Sequence[asyncpg.Record],
    contacts: Sequence[NewContact],
    belongs_to: UUID | None,
    source: str,
) -> None:
    """Rows that stay are moved to their place, others leave, new ones come."""
    left = {(row["kind"], row["value"], row["extension"]): row["id"] for row in rows}
    stayed = set[UUID]()
    for position, contact in enumerate(contacts):
        stays = left.pop((contact.kind, contact.value.strip(), contact.extension), None)
        if stays is None:
            await add_contact(sql, institution, structs.replace(contact, belongs_to=belongs_to), source, position)
        else:
            stayed.add(stays)
            await sql.execute(
                "update contact set position = $2, label = $3, visibility = $4 where id = $1",
                stays,
                position,
                contact.label,
                contact.visibility,
            )
    gone = [row["id"] for row in rows if row["id"] not in stayed]
    await sql.execute("delete from contact where id = any($1::uuid[])", gone)


async def add_contact(
    sql: asyncpg.Connection, institution: UUID, contact: NewContact, source: str, position: int = 0
) -> None:
    """One more row; whose it is and in which place."""
    await sql.execute(
        """insert into contact (id, institution, belongs_to, kind, value, extension, label, position, visibility,
         confirmed_on, source) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        new_id(),
        institution,
        contact.belongs_to,
        contact.kind,
        contact.value.strip(),
        contact.extension,
        contact.label,
        position,
        contact.visibility,
        contact.confirmed_on,
        contact.source or source,
    )


async def phone_of(institution: UUID) -> str:
    """The general phone of an institution, '' where none is known."""
    async with connection() as sql:
        return pretty(str(await sql.fetchval(_PHONE, institution) or ""))

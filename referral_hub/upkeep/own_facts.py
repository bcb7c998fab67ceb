"""What an institution sees of its own contacts and hours: when each was last known right, and what changed lately."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.absences import Absence
from referral_hub.database.transaction import connection
from referral_hub.institutions.actions import NewContact
from referral_hub.institutions.confirmations import PHONES
from referral_hub.institutions.phones import pretty

SHOWN: Final = (*PHONES, "email")
LATELY: Final = timedelta(days=30)
COLUMNS: Final = ("kind", "value", "extension", "label", "visibility")


class OwnContact(Struct, frozen=True):
    """A contact with what is known of it: the last day somebody knew it right, since when it is in doubt."""

    id: UUID
    kind: str
    value: str
    extension: str
    label: str
    visibility: str
    confirmed_on: date | None
    confirmed_how: str
    doubted_at: datetime | None

    @property
    def written(self) -> str:
        """As people write it."""
        text = pretty(self.value) if self.kind != "email" else self.value
        return text + (f" w. {self.extension}" if self.extension else "")

    @property
    def plain(self) -> NewContact:
        """As it is written down anew."""
        return NewContact(**{name: getattr(self, name) for name in COLUMNS})


class OwnContacts(Struct, frozen=True):
    """Contacts of one owner: of an offer or a site (`owner`, its `title`), or of the institution as a whole (None)."""

    owner: UUID | None
    title: str
    contacts: list[OwnContact]

    @property
    def phones(self) -> list[OwnContact]:
        """The public numbers: what is shown, and what may be corrected."""
        return [one for one in self.contacts if one.kind in PHONES and one.visibility == "public"]

    @property
    def shown(self) -> list[OwnContact]:
        """Public numbers and mailboxes."""
        return [one for one in self.contacts if one.kind in SHOWN and one.visibility == "public"]

    @property
    def typed(self) -> str:
        """The numbers as one field shows them."""
        return ", ".join(one.written for one in self.phones)

    @property
    def field(self) -> str:
        """The name of that field."""
        return "phone" if self.owner is None else f"phone-{self.owner}"


class OwnHours(Struct, frozen=True):
    """Opening hours of a site as given, and when somebody last knew them right."""

    site: UUID
    place: str
    text: str
    version: int
    confirmed_on: date | None
    how: str


class Change(Struct, frozen=True):
    """A change by the partner: of the numbers of `owner` (None: the institution), before and after, as written."""

    id: UUID
    institution: UUID
    institution_name: str
    title: str
    before: str
    after: str
    at: datetime
    by_link: bool
    stands: bool


_OWNERS = """select c.id, c.belongs_to, c.kind, c.value, c.extension, c.label, c.visibility, c.confirmed_on,
 c.confirmed_how, c.doubted_at, coalesce(o.title, nullif(s.name, ''), s.place, '') as title
from contact c left join offer o on o.id = c.belongs_to left join site s on s.id = c.belongs_to
where c.institution = $1 and (c.belongs_to is null or o.status in ('published', 'closed', 'draft')
 or s.status = 'published') order by c.belongs_to is not null, title, c.belongs_to, c.position, c.id"""
_HOURS = """select s.id, coalesce(nullif(s.name, ''), s.place) as place, s.hours_text, s.version, f.confirmed_on, f.how
from site s left join lateral (select f.confirmed_on, f.how from field_confirmation f
 where f.subject = s.id and f.field = 'hours_text' and not exists (select 1 from field_source c
  where c.subject = s.id and c.field = f.field and c.at > f.at)
 order by f.confirmed_on desc, f.at desc limit 1) f on true
where s.institution = $1 and s.status = 'published' and s.hours_text <> '' order by s.main desc, s.place, s.id"""
_CHANGES = """select h.id, h.subject, h.before, h.value, h.at, h.account, i.id as institution, i.name,
 coalesce(o.title, nullif(s.name, ''), s.place, '') as title,
 (select coalesce(json_agg(json_build_array(c.kind, c.value, c.extension, c.label, c.visibility)
   order by c.position, c.id), '[]') from contact c where c.institution = i.id
   and coalesce(c.belongs_to, i.id) = h.subject)::text as stands
from field_source h left join offer o on o.id = h.subject left join site s on s.id = h.subject
join institution i on i.id = coalesce(o.institution, s.institution, h.subject)
where h.subject_kind = 'contact' and h.field = 'contacts' and h.source = 'partner' and h.at > $1
 and ($2::uuid is null or i.id = $2) and ($3::uuid is null or h.id = $3)
order by h.at desc, h.id desc limit 200"""


async def own_contacts(institution: UUID) -> list[OwnContacts]:
    """Contacts by owner, the institution's own first (also where it has none), offers and sites that have their own."""
    found: dict[UUID | None, OwnContacts] = {None: OwnContacts(None, "", [])}
    async with connection() as sql:
        for row in await sql.fetch(_OWNERS, institution):
            mine = found.setdefault(row["belongs_to"], OwnContacts(row["belongs_to"], row["title"], []))
            mine.contacts.append(OwnContact(**{name: row[name] for name in OwnContact.__struct_fields__}))
    return [one for one in found.values() if one.owner is None or one.shown]


async def own_hours(institution: UUID) -> list[OwnHours]:
    """Hours of its places, where any are given."""
    async with connection() as sql:
        rows = await sql.fetch(_HOURS, institution)
    return [OwnHours(*row.values()) for row in rows]


async def changes_of(institution: UUID | None = None, *, change: UUID | None = None) -> list[Change]:
    """Numbers that partners changed lately, the newest first: of one institution, or of all."""
    async with connection() as sql:
        rows = await sql.fetch(_CHANGES, clock.now() - LATELY, institution, change)
    found = [_change(row) for row in rows]
    return [one for one in found if one.before != one.after]


async def away_anywhere() -> list[Absence]:
    """Absences of whole institutions not over yet, the first one first; `who` is the institution's name."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select b.*, i.name as who from absence b join institution i on i.id = b.institution
            where b.account is null and b.ended_at is null and b.until_on >= $1 order by b.from_on, i.sort_key, b.id
            limit 500""",
            clock.today(),
        )
    return [Absence(**{name: row[name] for name in Absence.__struct_fields__}) for row in rows]


async def contacts_before(change: UUID, institution: UUID) -> tuple[UUID | None, list[NewContact]] | None:
    """(owner, contacts as they were) before a change of numbers that still stands; None where there is none such.

    None also where it changed anything but public numbers: that is not for the holder of a link to take back.
    """
    async with connection() as sql:
        rows = await sql.fetch(_CHANGES, clock.now() - LATELY, institution, change)
    if not rows or not _change(rows[0]).stands:
        return None
    before, after = (_lines(rows[0][name]) for name in ("before", "value"))
    if _rest(before) != _rest(after):
        return None
    owner = None if rows[0]["subject"] == institution else rows[0]["subject"]
    return owner, [msgspec.convert(dict(zip(COLUMNS, line, strict=True)), NewContact) for line in before]


def _change(row: Mapping[str, Any]) -> Change:
    before, after = _lines(row["before"]), _lines(row["value"])
    return Change(
        id=row["id"],
        institution=row["institution"],
        institution_name=row["name"],
        title=row["title"],
        before=_written(before),
        after=_written(after),
        at=row["at"],
        by_link=row["account"] is None,
        stands=after == _lines(row["stands"]),
    )


def _lines(value: str) -> list[list[str]]:
    return msgspec.json.decode(value) or []


def _is_public_phone(line: Sequence[str]) -> bool:
    return line[0] in PHONES and line[4] == "public"


def _rest(lines: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [line for line in lines if not _is_public_phone(line)]


def _written(lines: Sequence[Sequence[str]]) -> str:
    phones = [line for line in lines if _is_public_phone(line)]
    return ", ".join(pretty(_digits(line[1])) + (f" w. {line[2]}" if line[2] else "") for line in phones)


def _digits(value: str) -> str:
    return "".join(sign for sign in value if sign.isdigit())

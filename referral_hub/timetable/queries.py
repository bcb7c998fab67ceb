"""Meetings and duty hours as somebody may see them: the public less than staff, the owner everything.

A place whose address is not public keeps its town; its street and its rooms are shown to those who may know.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.directory.ownership import looks_after
from referral_hub.directory.read_model_refresh import directory
from referral_hub.errors import NotFound
from referral_hub.vocabularies import book

Sees = Literal["public", "accepted", "staff", "all"]
"""How much of an address: what is public, also what an accepted referral opens, also what staff know, everything."""
_OPEN_TO: dict[Sees, frozenset[str]] = {
    "public": frozenset({"public"}),
    "accepted": frozenset({"public", "accepted"}),
    "staff": frozenset({"public", "staff"}),
    "all": frozenset({"public", "accepted", "staff"}),
}


class ShownOffer(Struct, frozen=True):
    """The offer that meets; `quiet`: being there is a protected fact, so nothing of it is fed to calendars."""

    id: UUID
    institution: UUID
    institution_name: str
    title: str
    form: str
    intake_mode: str
    quiet: bool
    public: bool

    @property
    def shape(self) -> str:
        return book.shape(self.form)


class Met(Struct, frozen=True):
    """One meeting or appointment. `place`: where, as far as the asker may know; `leader`: a code or own words."""

    id: UUID
    offer: UUID
    kind: str
    series: UUID | None
    starts_at: datetime
    ends_at: datetime
    site: UUID | None
    place: str
    room: str
    topic: str
    leader: str
    led_by_member: bool
    places: int | None
    enrolled: int
    others: int
    status: str
    note: str
    version: int
    updated_at: datetime

    @property
    def free(self) -> int | None:
        """Free places, None without a limit."""
        return None if self.places is None else max(0, self.places - self.enrolled)

    @property
    def hours(self) -> float:
        """Its length."""
        return round((self.ends_at - self.starts_at).total_seconds() / 3600, 2)

    @property
    def day(self) -> date:
        """Its day in Warsaw."""
        return self.starts_at.astimezone(clock.WARSAW).date()

    @property
    def where(self) -> str:
        """Place and room in one line."""
        return ", ".join(part for part in (self.place, self.room) if part)


class Duty(Struct, frozen=True):
    """Weekly duty hours of one expert at one place."""

    id: UUID
    offer: UUID
    site: UUID | None
    place: str
    room: str
    leader: str
    weekday: int
    from_hour: str
    until_hour: str
    minutes: int
    starts_on: date
    ends_on: date | None
    version: int
    updated_at: datetime


_OFFER = """select o.id, o.institution, i.name as institution_name, o.title, o.form, o.intake_mode, o.sensitive,
 o.by_category, i.kind, o.status in ('published', 'closed') and i.status = 'published' and not o.by_category
 and (o.visible_from is null or o.visible_from <= $2) as public,
 o.status in ('published', 'closed') and i.status = 'published'
 and (o.visible_from is null or o.visible_from <= $2) as known
from offer o join institution i on i.id = o.institution where o.id = $1"""
_PLACED = """s.name as site_name, s.street, s.place as town, coalesce(s.address_visibility, 'public') as visibility"""
_MEETINGS = f"select m.*, {_PLACED} from meeting m left join site s on s.id = m.site"  # noqa: S608 -- our columns
_DUTIES = f"select d.*, {_PLACED} from duty_hours d left join site s on s.id = d.site"  # noqa: S608 -- our columns


async def offer_seen(offer: UUID, actor: Actor) -> ShownOffer:
    """An offer as its page shows it: to the public what is public, to staff what is known. Raises NotFound."""
    found, row = await _offer(offer)
    staff = row["known"] and actor.may(Permission.DIRECTORY_STAFF)
    if staff or looks_after(actor, found.institution):
        return found
    card = (await directory()).cards.get(str(offer))
    if not found.public or card is None:
        raise NotFound
    # Words of the public face: a name may hold the street of a place that is not public.
    return replace(found, title=card.titles["pl"], institution_name=card.partner.name)


async def own_offer(offer: UUID, actor: Actor) -> ShownOffer:
    """An offer the actor looks after. Raises NotFound."""
    found, _ = await _offer(offer)
    if not looks_after(actor, found.institution):
        raise NotFound
    return found


async def offer_of(offer: UUID) -> ShownOffer:
    """An offer for rooms above, which ask themselves who may see it. Raises NotFound."""
    return (await _offer(offer))[0]


async def _offer(offer: UUID) -> tuple[ShownOffer, Mapping[str, Any]]:
    async with connection() as sql:
        row = await sql.fetchrow(_OFFER, offer, clock.today())
    if row is None:
        raise NotFound
    quiet = row["sensitive"] or row["by_category"] or book.is_sensitive("form", row["form"])
    names = ("id", "institution", "institution_name", "title", "form", "intake_mode", "public")
    return ShownOffer(quiet=quiet, **{name: row[name] for name in names}), row


def sees_of(actor: Actor, institution: UUID) -> Sees:
    """How much of an address this actor may know: its owner all, staff what is not kept for an accepted referral."""
    if actor.institution == institution:
        return "all"
    return "staff" if actor.may(Permission.DIRECTORY_STAFF) else "public"


async def meetings_of(
    offer: UUID, *, sees: Sees, kind: str = "", since: datetime | None = None, until: datetime | None = None
) -> list[Met]:
    """Meetings that end after `since` (by default now) and begin before `until`, the next first, cancelled ones too."""
    until = until or clock.now() + timedelta(days=800)
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_MEETINGS} where m.offer = $1 and m.ends_at > $2 and m.starts_at < $3 and ($4 = '' or m.kind = $4)
            order by m.starts_at, m.id limit 1000""",
            offer,
            since or clock.now(),
            until,
            kind,
        )
    return [met_of(row, sees) for row in rows]


async def meetings_with(ids: Sequence[UUID], *, sees: Sees) -> dict[UUID, Met]:
    """Meetings by their ids."""
    async with connection() as sql:
        rows = await sql.fetch(f"{_MEETINGS} where m.id = any($1::uuid[])", list(ids))
    return {row["id"]: met_of(row, sees) for row in rows}


async def own_meeting(meeting: UUID, actor: Actor, *, offer: UUID) -> Met:
    """A meeting of an offer the actor looks after. Raises NotFound."""
    await own_offer(offer, actor)
    found = (await meetings_with([meeting], sees="all")).get(meeting)
    if found is None or found.offer != offer or found.status == "aside":
        raise NotFound
    return found


async def past_meetings(offer: UUID, *, most: int = 30) -> list[Met]:
    """The last meetings that are over, the newest first; appointments only where somebody is enrolled."""
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_MEETINGS} where m.offer = $1 and m.ends_at <= $2 and (m.kind = 'meeting' or m.enrolled > 0)
            order by m.starts_at desc limit $3""",
            offer,
            clock.now(),
            most,
        )
    return [met_of(row, "all") for row in rows]


async def has_meetings(offer: UUID) -> bool:
    """Whether a place at a meeting or an appointment to come can be asked for."""
    async with connection() as sql:
        return bool(
            await sql.fetchval(
                "select exists (select 1 from meeting where offer = $1 and status = 'planned' and starts_at > $2)",
                offer,
                clock.now(),
            )
        )


async def duties_of(offer: UUID, *, sees: Sees) -> list[Duty]:
    """Duty hours in force today or later, by weekday and hour."""
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_DUTIES} where d.offer = $1 and d.ended_at is null and (d.ends_on is null or d.ends_on >= $2)
            order by d.weekday, d.from_hour, d.id""",
            offer,
            clock.today(),
        )
    return [_duty(row, sees) for row in rows]


async def blocked_days(offer: UUID) -> list[date]:
    """Days to come on which there are no duty hours."""
    async with connection() as sql:
        rows = await sql.fetch(
            "select free_on from duty_block where offer = $1 and free_on >= $2 order by free_on", offer, clock.today()
        )
    return [row["free_on"] for row in rows]


_FIRST_FREE = """select min(starts_at) from meeting where offer = $1 and kind = 'appointment' and status = 'planned'
and starts_at > $2 and (places is null or enrolled < places)"""


async def first_free(offer: UUID) -> datetime | None:
    """The first appointment nobody has taken yet."""
    async with connection() as sql:
        found: datetime | None = await sql.fetchval(_FIRST_FREE, offer, clock.now())
    return found


def met_of(row: Mapping[str, Any], sees: Sees) -> Met:
    """A row of `meeting` with its site, as far as it may be seen."""
    place, room = place_of(row, sees)
    names = (
        *("id", "offer", "kind", "series", "starts_at", "ends_at", "site", "topic", "led_by_member", "places"),
        *("enrolled", "others", "status", "note", "version", "updated_at"),
    )
    return Met(place=place, room=room, leader=row["leader_role"], **{name: row[name] for name in names})


def place_of(row: Mapping[str, Any], sees: Sees) -> tuple[str, str]:
    """(site, room) in words; of a hidden one the town only, since a room may tell the house."""
    if row["visibility"] not in _OPEN_TO[sees]:
        return row["town"] or "", ""
    named = [row["site_name"], row["street"], row["town"]]
    return ", ".join(part for part in named if part), row["room"]


def _duty(row: Mapping[str, Any], sees: Sees) -> Duty:
    place, room = place_of(row, sees)
    names = (
        *("id", "offer", "site", "weekday", "from_hour", "until_hour", "minutes", "starts_on", "ends_on"),
        *("version", "updated_at"),
    )
    return Duty(place=place, room=room, leader=row["leader_role"], **{name: row[name] for name in names})


def leader_text(leader: str, language: str) -> str:
    """Who leads, in words: a code of the vocabulary `leader`, else what somebody wrote."""
    return book.label("leader", leader, language) if leader else ""

"""The ledger of an offer as pages show it: every reading with what does not agree in it, newest first."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import warsaw_day
from referral_hub.directory.contradictions import Contradiction, contradictions
from referral_hub.directory.history_chart import Point
from referral_hub.directory.said import NUMBERS

PER_PAGE = 20
MOST_DRAWN = 400
"""Readings in the picture: the newest; more would lie on top of each other. The table has all of them."""
TREND = 6
SOURCES = ("declared", "observed", "reported", "imported")


class Line(Struct, frozen=True):
    """One row of the ledger. `numbers` by column of `said.NUMBERS`; `undoes`: this row takes another one back."""

    id: UUID
    as_of: datetime
    recorded_at: datetime
    source: str
    unit: str
    numbers: dict[str, int | None]
    by_group: dict[str, int]
    from_when: date | None
    status: str
    note: str
    in_force: bool
    undone: bool
    undoes: bool
    against: list[Contradiction]

    @property
    def free(self) -> int | None:
        """What was told free."""
        return self.numbers["free"]

    @property
    def day(self) -> date:
        """The day on which it was true, in Warsaw."""
        return warsaw_day(self.as_of) or self.as_of.date()


class History(Struct, frozen=True):
    """A page of the ledger in one unit, what the picture draws of it, and the last numbers, oldest first."""

    unit: str
    units: list[str]
    total: int
    lines: list[Line]
    points: list[Point]
    trend: list[int]
    ruling: Line | None


# A reading that came when a newer one was known: the newest as-of among those recorded before it.
_NEWER = """(select max(n.as_of) from capacity_reading n where n.offer = r.offer and n.unit = r.unit
 and n.voids is null and n.voided_at is null and n.recorded_at < r.recorded_at and n.as_of > r.as_of)"""
_COLUMNS = f"""r.id, r.as_of, r.recorded_at, r.source, r.unit, {", ".join(f"r.{name}" for name in NUMBERS)},
 r.by_group::text as by_group, r.from_when, r.status, r.note,
 r.voids is not null as undoes, r.voided_at is not null as undone, {_NEWER} as newer_known"""
_LINES = f"""select {_COLUMNS}, coalesce(p.reading = r.id, false) as in_force
from capacity_reading r left join offer_places p on p.offer = r.offer
where r.offer = $1 and r.unit = $2 order by r.as_of desc, r.recorded_at desc, r.id desc limit $3 offset $4"""  # noqa: S608 -- columns of ours
_RULING = f"""select {_COLUMNS}, true as in_force from offer_places p join capacity_reading r on r.id = p.reading
where p.offer = $1 and r.unit = $2"""  # noqa: S608 -- columns of ours
_POINTS = """select id, as_of, free, source from capacity_reading
where offer = $1 and unit = $2 and voids is null and voided_at is null
order by as_of desc, recorded_at desc, id desc limit $3"""


async def history_of(offer: UUID, page: int, *, unit: str = "", per_page: int = PER_PAGE) -> History:
    """The ledger of an offer in one unit (its own where `unit` has no reading), newest first."""
    async with connection() as sql:
        own_unit = str(await sql.fetchval("select unit from offer where id = $1", offer))
        rows = await sql.fetch(
            "select unit, count(*) as number from capacity_reading where offer = $1 group by unit order by unit", offer
        )
        counts = {row["unit"]: row["number"] for row in rows}
        shown = unit if unit in counts else own_unit if own_unit in counts else next(iter(counts), own_unit)
        lines = await sql.fetch(_LINES, offer, shown, per_page, (page - 1) * per_page)
        points = await sql.fetch(_POINTS, offer, shown, MOST_DRAWN)
        ruling = await sql.fetchrow(_RULING, offer, shown)
    drawn = [Point(str(row["id"]), row["as_of"], row["free"], row["source"]) for row in points]
    told = [point.free for point in drawn[:TREND] if point.free is not None]
    return History(
        unit=shown,
        units=list(counts),
        total=counts.get(shown, 0),
        lines=[line_of(row) for row in lines],
        points=drawn,
        trend=told[::-1],
        ruling=line_of(ruling) if ruling else None,
    )


def line_of(row: Mapping[str, Any]) -> Line:
    """A row of the ledger with what does not agree in it; what was taken back is not judged."""
    by_group = msgspec.json.decode(row["by_group"])
    told = {**{name: row[name] for name in NUMBERS}, "by_group": by_group}
    told |= {"from_when": row["from_when"], "status": row["status"]}
    judged = not row["undone"] and not row["undoes"]
    day = warsaw_day(row["as_of"]) or row["as_of"].date()
    return Line(
        id=row["id"],
        as_of=row["as_of"],
        recorded_at=row["recorded_at"],
        source=row["source"],
        unit=row["unit"],
        numbers={name: row[name] for name in NUMBERS},
        by_group=by_group,
        from_when=row["from_when"],
        status=row["status"],
        note=row["note"],
        in_force=row["in_force"],
        undone=row["undone"],
        undoes=row["undoes"],
        against=contradictions(told, day=day, newer_known=warsaw_day(row["newer_known"])) if judged else [],
    )


class Doubtful(Struct, frozen=True):
    """An offer whose reading in force contradicts itself."""

    institution: UUID
    institution_name: str
    offer: UUID
    title: str
    line: Line


_IN_FORCE = f"""select {_COLUMNS}, true as in_force, o.id as offer, o.title, i.id as institution, i.name, i.sort_key
from offer_places p join capacity_reading r on r.id = p.reading join offer o on o.id = p.offer
join institution i on i.id = o.institution
where o.status in ('published', 'closed') and i.status = 'published' and ($1 = '' or r.source = $1)
order by i.sort_key, i.id, o.title, o.id"""  # noqa: S608 -- columns of ours


async def doubtful_readings(source: str = "") -> list[Doubtful]:
    """Every reading in force that contradicts itself, by institution; `source`: only readings of this source."""
    async with connection() as sql:
        rows = await sql.fetch(_IN_FORCE, source)
    found = []
    for row in rows:
        line = line_of(row)
        if line.against:
            found.append(Doubtful(row["institution"], row["name"], row["offer"], row["title"], line))
    return found


def counted(found: Sequence[Doubtful]) -> dict[str, int]:
    """How many readings have each contradiction, the commonest first."""
    counts: dict[str, int] = {}
    for one in found:
        for code in {against.code for against in one.line.against}:
            counts[code] = counts.get(code, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

"""Candidates for a merge, and two entries side by side."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.duplicates.actions import field_choices
from referral_hub.duplicates.choosing import Choice, refusal
from referral_hub.duplicates.finding import NUMBERS, Entry, Pair, compare, pairs, unjudged
from referral_hub.duplicates.moving import count_rows
from referral_hub.errors import NotFound
from referral_hub.institutions.phones import pretty

PER_PAGE: Final = 20
_SITES: Final = """select institution, street, post_code, place from site where status = 'published' {}
 order by main desc, id"""


class Listed(Struct, frozen=True):
    """A page of candidates: pairs with the rows (name, kind, status) of both, and how many there are of each level."""

    pairs: list[Pair]
    rows: Mapping[UUID, Mapping[str, Any]]
    levels: Mapping[str, int]
    page: int
    pages: int


class Twin(Struct, frozen=True):
    """Offers of one form that both have."""

    form: str
    kept: list[tuple[UUID, str]]
    merged: list[tuple[UUID, str]]


class Beside(Struct, frozen=True):
    """Two entries side by side before a merge. `counts`: table.column → rows of the merged one that will move."""

    kept: Mapping[str, Any]
    merged: Mapping[str, Any]
    pair: Pair
    choices: list[Choice]
    counts: Mapping[str, int]
    twins: list[Twin]
    contacts: tuple[list[str], list[str]]
    addresses: tuple[list[str], list[str]]
    numbers: tuple[list[str], list[str]]
    refusal: str
    internal: int


async def candidates(number: int, *, siblings: bool = False) -> Listed:
    """The pairs worth a look, without those already judged; legitimate siblings are a list of their own."""
    async with transaction(SYSTEM) as sql:
        entries = await _entries(sql)
        # Beside the event loop: five thousand entries keep a core busy for more than a second.
        found = unjudged(await asyncio.to_thread(pairs, list(entries.values())), await _verdicts(sql))
        chosen = [pair for pair in found if (pair.level == "sibling") == siblings]
        pages = max(1, -(-len(chosen) // PER_PAGE))
        number = min(max(1, number), pages)
        here = chosen[(number - 1) * PER_PAGE : number * PER_PAGE]
        ids = [one for pair in here for one in (pair.first, pair.second)]
        rows = await sql.fetch("select id, name, kind, status from institution where id = any($1)", ids)
    levels = {level: sum(pair.level == level for pair in found) for level in ("number", "likely", "sibling")}
    return Listed(here, {row["id"]: row for row in rows}, levels, number, pages)


async def evidence_of(sql: asyncpg.Connection, one: UUID, other: UUID) -> str:
    """What speaks for one institution at this moment, as a verdict keeps it."""
    found = await _entries(sql)
    first, second = sorted((one, other))
    if first not in found or second not in found:
        return ""
    every = await asyncio.to_thread(pairs, list(found.values()))
    pair = next((pair for pair in every if (pair.first, pair.second) == (first, second)), None)
    return (pair or compare(found[first], found[second])).evidence


async def beside(kept: UUID, merged: UUID) -> Beside:
    """Both entries and what would happen. Raises NotFound."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch("select * from institution where id = any($1)", [kept, merged])
        both = {row["id"]: dict(row) for row in rows}
        if kept not in both or merged not in both:
            raise NotFound
        entries = await _entries(sql, [kept, merged])
        offers = await sql.fetch(
            """select institution, id, form, title from offer
            where institution = any($1) and status = 'published' order by title, id""",
            [kept, merged],
        )
        internal = await sql.fetchval(
            """select count(*) from referral_task where (sender = $1 and receiver = $2)
            or (sender = $2 and receiver = $1)""",
            *(kept, merged),
        )
        return Beside(
            kept=both[kept],
            merged=both[merged],
            pair=compare(entries[kept], entries[merged]),
            choices=await field_choices(sql, both[kept], both[merged]),
            counts=await count_rows(sql, merged),
            twins=_twins(offers, kept, merged) if kept != merged else [],
            contacts=(await _contacts(sql, kept), await _contacts(sql, merged)),
            addresses=(_addresses(entries[kept]), _addresses(entries[merged])),
            numbers=(_numbers(entries[kept]), _numbers(entries[merged])),
            refusal=refusal(both[kept], both[merged]),
            internal=int(internal),
        )


def _twins(offers: Sequence[Mapping[str, Any]], kept: UUID, merged: UUID) -> list[Twin]:
    by_form: dict[str, dict[UUID, list[tuple[UUID, str]]]] = defaultdict(lambda: {kept: [], merged: []})
    for row in offers:
        by_form[row["form"]][row["institution"]].append((row["id"], row["title"]))
    return [
        Twin(form, sides[kept], sides[merged])
        for form, sides in sorted(by_form.items())
        if sides[kept] and sides[merged]
    ]


def _addresses(entry: Entry) -> list[str]:
    return [
        ", ".join(part for part in (street, f"{code} {place}".strip()) if part)
        for street, code, place in entry.addresses
    ]


def _numbers(entry: Entry) -> list[str]:
    return [f"{scheme.upper()} {number}" for scheme, number in sorted(entry.numbers)]


async def _contacts(sql: asyncpg.Connection, institution: UUID) -> list[str]:
    rows = await sql.fetch(
        "select kind, value from contact where institution = $1 and belongs_to is null order by position, id limit 20",
        institution,
    )
    return [row["value"] if row["kind"] in ("email", "www") else pretty(row["value"]) for row in rows]


async def _verdicts(sql: asyncpg.Connection) -> dict[tuple[UUID, UUID], str]:
    rows = await sql.fetch("select first, second, evidence from duplicate_verdict where verdict = 'different'")
    return {(row["first"], row["second"]): row["evidence"] for row in rows}


async def _entries(sql: asyncpg.Connection, only: Sequence[UUID] | None = None) -> dict[UUID, Entry]:
    """What is compared, of every entry in use or of the named ones whatever their state."""
    given = list(only) if only is not None else None
    rows = await sql.fetch(
        """select id, name, kind, terc, parent from institution
        where case when $1::uuid[] is null then status in ('published', 'draft') else id = any($1) end""",
        given,
    )
    sites = await _grouped(sql, _SITES, given)
    contacts = await _grouped(
        sql, "select institution, kind, lower(value) as value from contact where belongs_to is null {}", given
    )
    numbers = await _grouped(sql, "select institution, scheme, value from institution_identifier where true {}", given)
    return {
        row["id"]: Entry(
            id=row["id"],
            name=row["name"],
            kind=row["kind"],
            terc=row["terc"] or "",
            parent=row["parent"],
            addresses=tuple((one["street"], one["post_code"], one["place"]) for one in sites[row["id"]]),
            phones=frozenset(
                digits
                for one in contacts[row["id"]]
                if one["kind"] in ("phone", "mobile", "helpline")
                and len(digits := "".join(filter(str.isdigit, one["value"]))[-9:]) == 9
            ),
            mailboxes=frozenset(one["value"] for one in contacts[row["id"]] if one["kind"] == "email"),
            numbers=frozenset((one["scheme"], one["value"]) for one in numbers[row["id"]] if one["scheme"] in NUMBERS),
        )
        for row in rows
    }


async def _grouped(
    sql: asyncpg.Connection, question: str, only: list[UUID] | None
) -> dict[UUID, list[Mapping[str, Any]]]:
    """Rows by institution; `{}` in the question is where the choice of institutions goes."""
    found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await sql.fetch(question.format("and ($1::uuid[] is null or institution = any($1))"), only):
        found[row["institution"]].append(row)
    return found

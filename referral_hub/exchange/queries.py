"""What an import has to know of the directory before it writes: rows seen before, keys, and how things stand."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from referral_hub.exchange.difference import State
from referral_hub.exchange.drafts import ContactDraft, RowDraft
from referral_hub.exchange.merging import Claim
from referral_hub.exchange.precedence import REGISTERS
from referral_hub.exchange.same import keys_of
from referral_hub.institutions.identifiers import UNIQUE_SCHEMES
from referral_hub.institutions.source_ranks import PEOPLE, Ranks

SITE_FIELDS = (
    "street", "post_code", "place", "terc", "lat", "lon", "precision", "hours_text", "hours", "accessibility",
    "address_visibility", "main", "status",
)  # fmt: skip
OFFER_FIELDS = (
    "form", "title", "needs", "audiences", "eligibility", "area", "sensitive", "source_text", "status",
)  # fmt: skip
_JSON = {"hours", "accessibility", "eligibility"}


class Known(Struct, frozen=True):
    """A row of a source as it was last time."""

    id: UUID
    kind: str
    institution: UUID | None
    content_hash: bytes


async def rows_of(sql: asyncpg.Connection, source: str) -> dict[str, Known]:
    """What the source said before, by row id."""
    rows = await sql.fetch(
        "select id, source_id, kind, institution, content_hash from source_record where source = $1", source
    )
    return {
        row["source_id"]: Known(row["id"], row["kind"], row["institution"], bytes(row["content_hash"])) for row in rows
    }


async def key_index(sql: asyncpg.Connection) -> dict[str, UUID]:
    """Every key an institution is known by: those of its rows, else those its own name and address make."""
    index: dict[str, UUID] = {}
    moved = await _merged_into(sql)
    for row in await sql.fetch(
        """select institution, said->'institution'->'keys' as keys from source_record
        where institution is not null and kind = any($1) order by first_at, id""",
        list(REGISTERS),
    ):
        for key in msgspec.json.decode(row["keys"] or "[]"):
            index.setdefault(key, moved.get(row["institution"], row["institution"]))
    for row in await sql.fetch(_WITHOUT_ROWS, list(REGISTERS)):
        for key in _own_keys(row):
            index.setdefault(key, row["id"])
    for row in await sql.fetch(
        "select scheme, value, institution from institution_identifier where scheme = any($1)", list(UNIQUE_SCHEMES)
    ):
        index.setdefault(f"id:{row['scheme']}:{row['value']}", moved.get(row["institution"], row["institution"]))
    return index


_WITHOUT_ROWS = """select i.id, i.kind, i.name, s.street, s.post_code, s.place, s.terc from institution i
 join site s on s.institution = i.id where i.status <> 'merged'
 and not exists (select 1 from source_record r where r.institution = i.id and r.kind = any($1))
 order by i.made_at, i.id, s.id"""


def _own_keys(row: Mapping[str, Any]) -> tuple[str, ...]:
    return keys_of(
        row["kind"],
        row["name"],
        post_code=row["post_code"],
        place=row["place"],
        powiat=row["terc"][:4],
        street=row["street"],
        identifiers={},
    )


async def follow_merges(sql: asyncpg.Connection) -> None:
    """Rows of an institution that the coordinator merged into another speak of that other from now on."""
    moved = await _merged_into(sql)
    await sql.executemany(
        "update source_record set institution = $2 where institution = $1 and kind = any($3)",
        [(one, other, list(REGISTERS)) for one, other in moved.items()],
    )


async def _merged_into(sql: asyncpg.Connection) -> dict[UUID, UUID]:
    """Institution → the one it was merged into, to the end of the chain."""
    rows = await sql.fetch("select id, merged_into from institution where merged_into is not null")
    step = {row["id"]: row["merged_into"] for row in rows}

    def last(one: UUID) -> UUID:
        seen = {one}
        while one in step and step[one] not in seen:
            one = step[one]
            seen.add(one)
        return one

    return {one: last(one) for one in step}


async def claims_of(
    sql: asyncpg.Connection, institutions: Iterable[UUID], without: tuple[str, Iterable[str]]
) -> dict[UUID, list[Claim]]:
    """What every row says of the institutions, except the named rows of one source, which say something new."""
    source, ids = without
    found: dict[UUID, list[Claim]] = defaultdict(list)
    for row in await sql.fetch(
        """select institution, source, kind, said from source_record
        where institution = any($1) and not (source = $2 and source_id = any($3)) and kind = any($4)""",
        list(institutions),
        source,
        list(ids),
        list(REGISTERS),
    ):
        said = msgspec.json.decode(row["said"], type=RowDraft)
        found[row["institution"]].append(Claim(row["source"], row["kind"], said))
    return found


async def states_of(
    sql: asyncpg.Connection, institutions: Sequence[UUID], importing: str, kind: str, ranks: Ranks
) -> dict[UUID, State]:
    """How institutions stand; one that is not in the directory yet has an empty state."""
    states = {one: State() for one in institutions}
    ids = list(institutions)
    for row in await sql.fetch("select * from institution where id = any($1) for update", ids):
        states[row["id"]].institution = dict(row)
    for row in await sql.fetch("select * from site where institution = any($1)", ids):
        states[row["institution"]].sites[row["id"]] = _plain(row, SITE_FIELDS)
    for row in await sql.fetch("select * from offer where institution = any($1)", ids):
        states[row["institution"]].offers[row["id"]] = _plain(row, OFFER_FIELDS)
    for row in await sql.fetch(
        """select o.institution, s.offer, s.site from offer_site s join offer o on o.id = s.offer
        where o.institution = any($1)""",
        ids,
    ):
        states[row["institution"]].offer_sites.add((row["offer"], row["site"]))
    await _add_contacts(sql, states)
    await _add_rows(sql, states)
    await _add_held(sql, states, importing, kind, ranks)
    return states


def _plain(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The fields as drafts have them; jsonb comes as text."""
    return {name: msgspec.json.decode(row[name]) if name in _JSON else row[name] for name in fields}


async def _add_contacts(sql: asyncpg.Connection, states: Mapping[UUID, State]) -> None:
    for row in await sql.fetch(
        """select institution, kind, value, extension, label from contact
        where institution = any($1) and belongs_to is null order by position, id""",
        list(states),
    ):
        one = ContactDraft(row["kind"], row["value"], row["extension"], row["label"])
        states[row["institution"]].contacts = [*states[row["institution"]].contacts, one]
    for row in await sql.fetch(
        "select institution, scheme, value from institution_identifier where institution = any($1)", list(states)
    ):
        states[row["institution"]].identifiers.add((row["scheme"], row["value"]))


async def _add_rows(sql: asyncpg.Connection, states: Mapping[UUID, State]) -> None:
    """Which rows made which sites and offers."""
    for row in await sql.fetch(
        """select institution, source, source_id, made from source_record
        where institution = any($1) and kind = any($2)""",
        list(states),
        list(REGISTERS),
    ):
        state, reference = states[row["institution"]], (row["source"], row["source_id"])
        made = msgspec.json.decode(row["made"])
        for name, offer in made.get("offers", {}).items():
            state.offer_ids[reference, name] = UUID(offer)
        for number, site in enumerate(made.get("sites", ())):
            state.site_ids[reference, number] = UUID(site)


async def _add_held(
    sql: asyncpg.Connection, states: Mapping[UUID, State], importing: str, kind: str, ranks: Ranks
) -> None:
    """Fields whose last value came from a person whom the ranks believe before the register that is being read."""
    of = {subject: state for one, state in states.items() for subject in (one, *state.sites, *state.offers)}
    told = await sql.fetch("select distinct source from source_record where kind = any($1)", list(REGISTERS))
    registers = {importing, *(row["source"] for row in told)}
    for row in await sql.fetch(
        """select distinct on (subject, field) subject, field, source from field_source
        where subject = any($1) order by subject, field, at desc, id desc""",
        list(of),
    ):
        before = ranks.rank(row["field"], row["source"]) <= ranks.rank(row["field"], kind)
        if row["source"] not in registers and (before or row["source"] not in PEOPLE):
            of[row["subject"]].held.add((row["subject"], row["field"]))

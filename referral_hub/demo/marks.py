"""What the loader has already made: lines of `source_record` under one source, so that a second start does nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from referral_hub import clock
from referral_hub.database.columns import digest, new_id, to_json
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.network import Institution, sources

SOURCE = "demo"
NETWORK, PERSON, STORY, RUN = "demo_institution", "demo_person", "demo_story", "demo_run"


async def mark(
    kind: str, key: str, made: dict[str, Any], *, institution: UUID | None = None, said: Institution | None = None
) -> None:
    """Note what was made for one key of the files, in the caller's transaction."""
    source = sources()[said.source] if said else None
    facts = {"source": source.name, "name": said.name} if source and said else {}
    moment = clock.now()
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """insert into source_record (id, source, source_id, kind, institution, content_hash, said, made,
             first_at, last_at, as_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)""",
            new_id(),
            SOURCE,
            key if kind == NETWORK else f"{kind}:{key}",
            kind,
            institution,
            digest(f"{kind}:{key}"),
            to_json(facts),
            to_json(made),
            moment,
            source.as_of if source else None,
        )


async def marks(kind: str) -> dict[str, dict[str, Any]]:
    """Everything marked of a kind: key → what was made."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            "select source_id, made from source_record where source = $1 and kind = $2", SOURCE, kind
        )
    return {row["source_id"].removeprefix(f"{kind}:"): msgspec.json.decode(row["made"]) for row in rows}


async def first_run(seed: int, count: int) -> tuple[datetime, int, int]:
    """The moment, seed and size that the demonstration was first made with; now and the given ones at first."""
    known = (await marks(RUN)).get("network")
    if known:
        return datetime.fromisoformat(known["now"]), known["seed"], known["count"]
    moment = clock.now()
    await mark(RUN, "network", {"now": moment.isoformat(), "seed": seed, "count": count})
    return moment, seed, count

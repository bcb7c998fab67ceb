"""What the loader has already made: lines of `source_record`, so that a second start does nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from referral_hub import clock
from referral_hub.database.columns import digest, new_id, to_json
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.network import Institution, sources

NETWORK, PERSON, STORY, RUN = "demo_institution", "demo_person", "demo_story", "demo_run"

_ADD = """insert into source_record (id, source, source_id, kind, institution, content_hash, said, made, first_at,
 last_at, as_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)"""


async def mark(kind: str, key: str, made: dict[str, Any]) -> None:
    """Note what was made for one key of the files, in the caller's transaction."""
    moment = clock.now()
    async with transaction(SYSTEM) as sql:
        text = to_json({**made, "key": key})
        await sql.execute(_ADD, new_id(), kind, key, kind, None, digest(f"{kind}:{key}"), "{}", text, moment, None)


async def mark_institution(one: Institution, institution: UUID, made: dict[str, Any]) -> None:
    """The same for an institution, under the name and date of the register that its facts come from."""
    source, moment = sources()[one.source], clock.now()
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            _ADD,
            new_id(),
            source.short,
            one.rjps or one.key,
            NETWORK,
            institution,
            digest(f"{NETWORK}:{one.key}"),
            to_json({"source": source.name, "name": one.name}),
            to_json({**made, "key": one.key}),
            moment,
            source.as_of,
        )


async def marks(kind: str) -> dict[str, dict[str, Any]]:
    """Everything marked of a kind: key → what was made."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch("select made from source_record where kind = $1", kind)
    made = [msgspec.json.decode(row["made"]) for row in rows]
    return {one["key"]: one for one in made}


async def first_run(seed: int, count: int) -> tuple[datetime, int, int]:
    """The moment, seed and size that the demonstration was first made with; now and the given ones at first."""
    known = (await marks(RUN)).get("network")
    if known:
        return datetime.fromisoformat(known["now"]), known["seed"], known["count"]
    moment = clock.now()
    await mark(RUN, "network", {"now": moment.isoformat(), "seed": seed, "count": count})
    return moment, seed, count

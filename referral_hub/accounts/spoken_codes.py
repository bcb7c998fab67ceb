"""Codes that open an answer link: one told by phone, and one that an institution knows by itself.

The code told by phone is made with our key from a random seed that stands with the links of one task, so whoever sent
the referral can read it again, and a copy of the database alone cannot. An institution's own code is kept as a keyed
digest and told once. Wrong tries of both count together, over all links of the task.
"""

import hashlib
import hmac
import secrets
from typing import Final, Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import blind_index, keys
from referral_hub.database.transaction import SYSTEM, Scope, connection, retrying, transaction

MOST_WRONG: Final = 5
SPOKEN_LENGTH: Final = 6
OWN_LENGTH: Final = 8
Tried = Literal["spoken", "own", "wrong", "locks", "locked"]
"""`spoken` and `own` open; `locks` is the wrong try that locks, `locked` any try after it."""
_SEED_BYTES: Final = 16


class Codes(Struct, frozen=True):
    """What a task's links stand at: the seed of the spoken code (none before the first link), wrong tries so far."""

    seed: bytes | None
    wrong: int

    @property
    def locked(self) -> bool:
        return self.wrong >= MOST_WRONG

    @property
    def spoken(self) -> str:
        """„123 456”, or '' where no link was made yet."""
        return "" if self.seed is None else spelt(spoken_code(self.seed))


def spoken_code(seed: bytes) -> str:
    """Six digits: easy to say and to write down."""
    made = hmac.new(keys().index, b"spoken:" + seed, hashlib.sha256).digest()
    return f"{int.from_bytes(made[:8], 'big') % 10**SPOKEN_LENGTH:0{SPOKEN_LENGTH}d}"


def spelt(code: str) -> str:
    """In two halves, as people say it."""
    return f"{code[: len(code) // 2]} {code[len(code) // 2 :]}"


def digits_of(typed: str) -> str:
    """What was typed without spaces and dashes; too many digits stay too many."""
    return "".join(sign for sign in typed if sign.isascii() and sign.isdigit())[: OWN_LENGTH + 1]


def _own_digest(institution: UUID, code: str) -> bytes:
    """Bound to its institution: equal codes of two look different."""
    return blind_index(f"institution-code:{institution}:{code}")


def _standing(rows: list[asyncpg.Record]) -> Codes:
    """From the rows of a task's links, oldest first: the newest seed counts, and the tries made against it."""
    seed = next((row["spoken_code"] for row in reversed(rows) if row["spoken_code"] is not None), None)
    return Codes(seed, max((row["wrong_codes"] for row in rows if row["spoken_code"] == seed), default=0))


_LINKS = "select spoken_code, wrong_codes from link where kind = 'a' and subject = $1 order by made_at, id"


async def codes_of(task: UUID) -> Codes:
    """How the links of a task stand."""
    async with connection() as sql:
        return _standing(await sql.fetch(_LINKS, task))


@retrying
async def try_code(task: UUID, institution: UUID | None, typed: str, *, by: Scope, link: UUID | None) -> Tried:
    """Whether this code opens the links of a task; each wrong one counts, also where many come at the same moment.

    After MOST_WRONG nothing opens them until the sender gives a new code; the caller tells the sender of `locks`.
    """
    code = digits_of(typed)
    async with transaction(SYSTEM) as sql:
        await sql.execute("select 1 from link where kind = 'a' and subject = $1 order by id for update", task)
        codes = _standing(await sql.fetch(_LINKS, task))
        if codes.locked:
            return "locked"
        own = await sql.fetchval("select code from institution_code where institution = $1", institution)
        if codes.seed is not None and hmac.compare_digest(code.encode(), spoken_code(codes.seed).encode()):
            tried: Tried = "spoken"
        elif own is not None and institution and hmac.compare_digest(_own_digest(institution, code), own):
            tried = "own"
        else:
            await sql.execute(
                """update link set wrong_codes = $3 where kind = 'a' and subject = $1
                and spoken_code is not distinct from $2""",
                task,
                codes.seed,
                codes.wrong + 1,
            )
            locked = codes.wrong + 1 >= MOST_WRONG
            await record(
                Event.LINK_LOCK if locked else Event.LINK_WRONG_CODE,
                by=by,
                subject=("link", link),
                facts={"wrong": codes.wrong + 1},
            )
            return "locks" if locked else "wrong"
        await record(Event.LINK_UNLOCK, by=by, subject=("link", link), facts={"code": tried})
        return tried


async def new_spoken_code(task: UUID, *, by: Scope) -> bool:
    """Another code for the links of a task, which unlocks them and ends what older codes had opened; False: no link.

    The caller has seen to it that the actor sent this task. In the caller's transaction or one of its own.
    """
    async with transaction(SYSTEM) as sql:
        changed = await sql.fetch(
            "update link set spoken_code = $2, wrong_codes = 0 where kind = 'a' and subject = $1 returning id",
            task,
            secrets.token_bytes(_SEED_BYTES),
        )
        await record(Event.LINK_NEW_CODE, by=by, subject=("referral", task))
    return bool(changed)


async def has_own_code(institution: UUID) -> bool:
    """Whether an institution has a code of its own, and so asks for one at each of its links."""
    async with connection() as sql:
        return bool(await sql.fetchval("select 1 from institution_code where institution = $1", institution))


async def set_own_code(institution: UUID, *, actor: Actor) -> str:
    """A new code of the institution, told this once; the older one ends. The caller has checked whose it is."""
    code = "".join(secrets.choice("0123456789") for _ in range(OWN_LENGTH))
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """insert into institution_code (institution, code, made_at, made_by) values ($1, $2, $3, $4)
            on conflict (institution) do update set code = $2, made_at = $3, made_by = $4""",
            institution,
            _own_digest(institution, code),
            clock.now(),
            actor.account,
        )
        await record(Event.INSTITUTION_CODE, by=actor.scope, subject=("institution", institution), facts={"on": True})
    return spelt(code)


async def drop_own_code(institution: UUID, *, actor: Actor) -> None:
    """No code of its own any more: links to offers that are not sensitive open without one."""
    async with transaction(SYSTEM) as sql:
        await sql.execute("delete from institution_code where institution = $1", institution)
        await record(Event.INSTITUTION_CODE, by=actor.scope, subject=("institution", institution), facts={"on": False})

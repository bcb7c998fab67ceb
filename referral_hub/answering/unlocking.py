"""Answer links that show a person only after a code: when one is asked for, and which browser has given it.

A code is asked for where attending the offer is itself a protected fact, and wherever the institution has a code of
its own. What was opened is remembered by a signed cookie of that browser, bound to the link and to the code that was
given: another link, another browser or a newer code finds it closed again.
"""

import base64
import hashlib
import hmac
from typing import Final
from uuid import UUID

from msgspec import Struct, structs

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import Link, actor_of_link
from referral_hub.accounts.spoken_codes import Codes, Tried, codes_of, new_spoken_code, try_code
from referral_hub.database.columns import keys
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import HubError, NotAllowed, NotFound
from referral_hub.referrals.case import asks_code, in_each_role, load_case, standing
from referral_hub.referrals.emails import letters_to_keeper
from referral_hub.referrals.states import Party

COOKIE: Final = "hub_ac"
_ASKED: Final = """select o.form, i.kind as receiver_kind, o.sensitive or o.by_category as protected, c.code as own,
 c.code is not null as own_code
from referral_task t join offer o on o.id = t.offer join institution i on i.id = t.receiver
left join institution_code c on c.institution = t.receiver where t.id = $1"""


class Lock(Struct, frozen=True):
    """How the person behind a task's links is kept: `own`, the institution's own code opens them too."""

    asked: bool
    own: bytes | None
    codes: Codes

    @property
    def locked(self) -> bool:
        """Too many wrong tries: only the sender's new code helps."""
        return self.asked and self.codes.locked


async def lock_of(task: UUID) -> Lock:
    """Whether a code is asked for, and how many tries are gone."""
    # As the hub itself: whether a code is asked for must not depend on who looks.
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow(_ASKED, task)
        codes = await codes_of(task)
    if row is None:
        return Lock(True, None, codes)
    return Lock(asks_code(row), row["own"], codes)


def is_open(link: Link, lock: Lock, cookie: str) -> bool:
    """Whether this browser may see what the link shows of the person."""
    if not lock.asked:
        return True
    # As bytes: a text that is not ASCII cannot be compared and would be an error.
    given = cookie.encode("utf-8", "replace")[:200]
    known = [code for code in (lock.codes.seed, lock.own) if code is not None]
    return any(hmac.compare_digest(given, _sealed(link, code).encode()) for code in known)


def guest_of(link: Link, lock: Lock, cookie: str) -> Actor:
    """The holder of a link, and whether this browser has given the code."""
    return structs.replace(actor_of_link(link), code_given=is_open(link, lock, cookie))


def cookie_for(link: Link, lock: Lock, tried: Tried) -> str:
    """What the browser keeps after a right code."""
    code = lock.codes.seed if tried == "spoken" else lock.own
    return "" if code is None else _sealed(link, code)


def _sealed(link: Link, code: bytes) -> str:
    made = hmac.new(keys().index, b"unlocked:" + link.id.bytes + b":" + code, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


async def state_behind(link: Link) -> str:
    """The state of a task whose link was taken back: why there is nothing left to answer."""
    async with transaction(SYSTEM) as sql:
        return str(await sql.fetchval("select state from referral_task where id = $1", link.subject) or "")


@retrying
async def unlock(link: Link, typed: str) -> Tried:
    """Try a code at a link; the try that locks it is told to the caseworker in the same transaction."""
    if link.subject is None:
        return "wrong"
    by = actor_of_link(link).scope
    async with transaction(SYSTEM) as sql:
        tried = await try_code(link.subject, link.institution, typed, by=by, link=link.id)
        if tried == "locks":
            case = await load_case(sql, link.subject)
            if case is not None:
                await write_all(sql, await letters_to_keeper(sql, case, "referral_locked"))
    return tried


@retrying
async def give_new_code(task: UUID, *, actor: Actor) -> None:
    """Another code to tell by phone; the old one, and what it had opened, end. Raises NotFound, NotAllowed."""
    refusal: HubError = NotFound()
    for one in in_each_role(actor):
        async with transaction(one.scope) as sql:
            case = await load_case(sql, task)
            if case is None:
                continue
            if standing(one, case) is Party.SND:
                await new_spoken_code(task, by=one.scope)
                return
            refusal = NotAllowed()
    raise refusal

"""Links from mail. The secret is in the address once; after that a signed cookie stands for it.

A visit changes nothing: only the POST that a page leads to does. Kinds: `c` capacity of an institution (14 days,
reusable), `e` answer to an enquiry after free places, `a` answer to one task, `p` a participant's own page,
`s` set a password.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line, record
from referral_hub.audit.events import Event
from referral_hub.database.columns import blind_index, digest, keys, new_id
from referral_hub.database.transaction import SYSTEM, Scope, connection, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.errors import Refused

LASTS = {
    "c": timedelta(days=14),
    "e": timedelta(days=14),
    "a": timedelta(days=30),
    "p": timedelta(days=365),
    "s": timedelta(days=3),
}
COOKIES = {kind: f"hub_{kind}" for kind in LASTS}
# No vowels and no look-alikes: typed from paper, and never a word.
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
CODE_LENGTH = 8


class Link(Struct, frozen=True):
    """A link as the database keeps it; `state` is open, used, expired or revoked."""

    id: UUID
    kind: str
    institution: UUID | None
    subject: UUID | None
    address: str
    code: str
    ends_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def state(self) -> str:
        if self.revoked_at is not None:
            return "revoked"
        if self.ends_at <= clock.now():
            return "expired"
        return "used" if self.used_at is not None else "open"


_ADD = """insert into link (id, token, kind, institution, subject, address, code, made_at, ends_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
# The code on a person's card is kept as a keyed digest bound to the person; the card alone holds the letters.
_ADD_OWN = """insert into link (id, token, kind, institution, subject, address, code, made_at, ends_at, spoken_code)
values ($1, $2, $3, $4, $5, $6, '', $7, $8, $9)"""
# All answer links of a task open by one code, and wrong tries count over all of them: a new link is no new chance.
_ADD_ANSWER = """insert into link (id, token, kind, institution, subject, address, code, made_at, ends_at, spoken_code,
 wrong_codes)
select $1::uuid, $2::bytea, $3, $4::uuid, $5::uuid, $6, $7, $8::timestamptz, $9::timestamptz,
 coalesce(l.spoken_code, $10::bytea), coalesce(l.wrong_codes, 0)
from (select 1) one left join lateral (select spoken_code, wrong_codes from link
 where kind = 'a' and subject = $5 and spoken_code is not null order by made_at desc, id desc limit 1) l on true"""
_COLUMNS = "id, kind, institution, subject, address, code, ends_at, used_at, revoked_at"


def new_link(
    kind: str,
    *,
    by: Scope,
    institution: UUID | None = None,
    subject: UUID | None = None,
    address: str = "",
    with_code: bool = False,
) -> tuple[str, Link, list[Write]]:
    """A new link, its secret, and the writes that make it so, for a change that gathers all it leaves behind."""
    secret = secrets.token_urlsafe(24)
    moment = clock.now()
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) if with_code else ""
    link = Link(new_id(), kind, institution, subject, address, code, moment + LASTS[kind], None, None)
    values = (link.id, digest(secret), kind, institution, subject, address, code, moment, link.ends_at)
    line = audit_line(Event.LINK_MAKE, by=by, subject=("link", link.id), facts={"kind": kind})
    if kind == "a":
        return secret, link, [Write(_ADD_ANSWER, (*values, secrets.token_bytes(16))), line]
    if code:
        return secret, link, [Write(_ADD_OWN, (*values[:6], *values[7:], code_digest(subject, code))), line]
    return secret, link, [Write(_ADD, values), line]


def code_digest(subject: UUID | None, code: str) -> bytes:
    """What is kept of a typed code: equal codes of two people look different."""
    return blind_index(f"own-code:{subject}:{letters_of(code)}")


def letters_of(typed: str) -> str:
    """A code as typed from paper, without spaces and dashes, in capitals; too many letters stay too many."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())[: CODE_LENGTH + 1]


async def make_link(
    kind: str,
    *,
    by: Scope,
    institution: UUID | None = None,
    subject: UUID | None = None,
    address: str = "",
    with_code: bool = False,
) -> tuple[str, Link]:
    """A new link and its secret (the only time it is seen), in the caller's transaction or one of its own.

    `with_code` also gives a short code of 8 letters and digits to type from paper.
    """
    secret, link, writes = new_link(
        kind, by=by, institution=institution, subject=subject, address=address, with_code=with_code
    )
    async with transaction(SYSTEM) as sql:
        await write_all(sql, writes)
    return secret, link


async def make_links(
    kind: str, addresses: Mapping[UUID, str], *, by: Scope, subject: UUID | None = None
) -> dict[UUID, tuple[str, Link]]:
    """A link for each institution (institution → where it is sent), all in the caller's transaction; their secrets."""
    made = {
        institution: new_link(kind, by=by, institution=institution, subject=subject, address=address)
        for institution, address in addresses.items()
    }
    # The writes of all links are alike, one after another: each kind of write goes to the server as one batch.
    batches = zip(*(writes for _, _, writes in made.values()), strict=True)
    async with transaction(SYSTEM) as sql:
        for alike in batches:
            await sql.executemany(alike[0].text, [write.values for write in alike])
    return {institution: (secret, link) for institution, (secret, link, _) in made.items()}


async def link_of_secret(kind: str, secret: str) -> Link | None:
    """The link of this secret, in whatever state, or None."""
    if not 20 <= len(secret) <= 100:
        return None
    return await _one("token = $1 and kind = $2", digest(secret), kind)


async def link_of_cookie(kind: str, cookie: str) -> Link | None:
    """The link that a signed cookie stands for, or None when the signature does not fit."""
    found = open_cookie(kind, cookie)
    return None if found is None else await _one("id = $1 and kind = $2", found, kind)


async def _one(where: str, *arguments: object) -> Link | None:
    async with connection() as sql:
        row = await sql.fetchrow(f"select {_COLUMNS} from link where {where}", *arguments)  # noqa: S608 -- our clauses
    return None if row is None else Link(**dict(row))


async def use_up(link: Link) -> None:
    """Mark the link as used, inside the act's transaction. Later visits show what was answered.

    Raises Refused `link_used` for whoever comes second, also at the same moment.
    """
    async with transaction(SYSTEM) as sql:
        ours = await sql.fetchval(
            """update link set used_at = $2 where id = $1 and used_at is null and revoked_at is null and ends_at > $2
            returning id""",
            link.id,
            clock.now(),
        )
    if ours is None:
        raise Refused("link_used")


async def revoke_links(kind: str, *, by: Scope, subject: UUID | None = None, institution: UUID | None = None) -> None:
    """Take away every open link of this kind about a subject or for an institution."""
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """update link set revoked_at = $4 where kind = $1 and revoked_at is null
            and ($2::uuid is null or subject = $2) and ($3::uuid is null or institution = $3)""",
            kind,
            subject,
            institution,
            clock.now(),
        )
        await record(Event.LINK_REVOKE, by=by, subject=("link", subject or institution), facts={"kind": kind})


async def revoke_links_to(account: UUID, *, by: Scope) -> None:
    """End what went to somebody who leaves: links to set a password, and the institution's own mailed to that address.

    Questions, answers and free places can be asked for anew, by whoever takes over.
    """
    async with transaction(SYSTEM) as sql:
        ended = await sql.fetch(
            """update link set revoked_at = $2 from account a where a.id = $1 and revoked_at is null and ends_at > $2
            and ((link.kind = 's' and link.subject = a.id) or (link.kind in ('c', 'e', 'a')
             and link.institution = a.institution and lower(link.address) = a.email)) returning link.kind""",
            account,
            clock.now(),
        )
        if ended:
            facts = {"kinds": sorted({row["kind"] for row in ended}), "count": len(ended)}
            await record(Event.LINK_REVOKE, by=by, subject=("account", account), facts=facts)


def actor_of_link(link: Link) -> Actor:
    """Who the holder of a link is: a guest for one task, a capacity reporter, or the participant."""
    if link.kind == "a":
        return Actor(
            kind="guest",
            role="guest",
            institution=link.institution,
            task=link.subject,
            link=link.id,
            csrf=token(link),
        )
    if link.kind in {"c", "e"}:
        # Both say how many places are free at the institution they were mailed to, and nothing else.
        return Actor(kind="capacity", role="capacity", institution=link.institution, link=link.id, csrf=token(link))
    return Actor(kind="participant", role="participant", participant=link.subject, link=link.id, csrf=token(link))


def token(link: Link) -> str:
    """The CSRF token of a link's pages."""
    return _sign("csrf", link.id.bytes)


def seal_cookie(link: Link) -> str:
    """What the cookie holds: the link's id and our signature over it."""
    raw = base64.urlsafe_b64encode(link.id.bytes).decode().rstrip("=")
    return f"{raw}.{_sign(link.kind, link.id.bytes)}"


def open_cookie(kind: str, cookie: str) -> UUID | None:
    """The link id in a cookie we signed for this kind, or None."""
    raw, _, signature = cookie.partition(".")
    try:
        value = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    except ValueError:
        return None
    # As bytes: a text that is not ASCII cannot be compared and would be an error.
    if len(value) != 16 or not hmac.compare_digest(signature.encode("utf-8", "replace"), _sign(kind, value).encode()):
        return None
    return UUID(bytes=value)


def _sign(purpose: str, value: bytes) -> str:
    made = hmac.new(keys().index, b"link:" + purpose.encode() + b":" + value, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")

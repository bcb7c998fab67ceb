"""„To moja instytucja”: a code goes to an address the directory already holds, and whoever types it gets an account.

The visitor chooses among masked addresses; the code itself is kept as a keyed digest. A claim is found again by
institution and e-mail, so that no address, cookie or mail carries a token: only the code opens it, and five wrong
ones end it. Whether an account exists is never told on a page, only by mail to the address of that account.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actions import add_account, add_roles, folded_email
from referral_hub.accounts.claim_mails import send_code, tell_of_grant, tell_to_ask
from referral_hub.accounts.invitations import send_fresh_link, send_password_link
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import blind_index, new_id
from referral_hub.database.transaction import PUBLIC, SYSTEM, connection, retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused, TooMany
from referral_hub.institutions.actions import edit_institution
from referral_hub.institutions.contacts import BY_HAND, LATELY, brought
from referral_hub.institutions.merged import survivor_of

LASTS: Final = timedelta(hours=24)
"""An office reads its mail once a day; five guesses in a day at 16⁸ codes are no risk."""
MOST_WRONG: Final = 5
MOST_A_DAY: Final = 5
CODE_LENGTH: Final = 8
ROLES: Final = ("partner_editor", "partner_intake")
# Consonants that no digit and no other letter looks like: read over the phone, and never a word.
_LETTERS: Final = "CDFGHJKMNPRTVWXY"


class Mailbox(Struct, frozen=True):
    """An address the code may go to; `masked` is all a visitor sees of it."""

    id: UUID
    masked: str


class Claimable(Struct, frozen=True):
    """An institution as the claim's page needs it; without mailboxes somebody has to phone the coordinator."""

    id: UUID
    name: str
    mailboxes: list[Mailbox]


def masked(address: str) -> str:
    """`sekretariat@gops.pl` → `s…@gops.pl`."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"


def spelt(code: str) -> str:
    """A code in two halves, as mails write it."""
    return f"{code[:4]}-{code[4:]}"


def typed_code(text: str) -> str:
    """What was typed without spaces, dashes and small letters."""
    return "".join(letter for letter in text.upper() if letter.isalnum())[: CODE_LENGTH + 1]


def _sealed(claim: UUID, code: str) -> bytes:
    """Bound to its claim: equal codes of two claims look different, and without the key it cannot be tried out."""
    return blind_index(f"claim:{claim}:{code}")


async def published_survivor(institution: UUID) -> UUID:
    """The institution itself, or the one it is part of today. Raises NotFound for what is not published."""
    alive = await survivor_of(institution) or institution
    async with connection() as sql:
        if not await sql.fetchval("select status = 'published' from institution where id = $1", alive):
            raise NotFound
    return alive


async def claimable(institution: UUID) -> Claimable:
    """What may be claimed and where its code can go; nowhere for the club itself. Raises NotFound: not published."""
    async with connection() as sql:
        row = await sql.fetchrow(
            "select name, club from institution where id = $1 and status = 'published'", institution
        )
        if row is None:
            raise NotFound
        rows = [] if row["club"] else await sql.fetch(_MAILBOXES, institution, clock.now() - LATELY)
    return Claimable(institution, row["name"], [Mailbox(row["id"], masked(row["value"])) for row in rows])


# Addresses that anyone may read and that our mail reaches; the same address of two sites is one choice. Whoever
# suggests an address must not be mailed the code there as soon as a coordinator believes the suggestion.
_MAILBOXES = f"""select id, value from (
 select distinct on (lower(value)) id, lower(value) as value, belongs_to, position from contact
 where institution = $1 and kind = 'email' and visibility = 'public' and failing_since is null
 and not {brought(BY_HAND, "$2")}
 order by lower(value), belongs_to is not null, position, id) one
order by belongs_to is not null, position, value limit 8"""  # noqa: S608 -- a constant of ours


@retrying
async def open_claim(institution: UUID, email: str, mailbox: UUID, *, language: str) -> None:
    """Mail a code to the chosen address of the institution; an older claim with the same e-mail ends.

    Raises NotFound, Refused("invalid"), TooMany `claim_too_many` after MOST_A_DAY within a day.
    """
    email, moment, claim = folded_email(email), clock.now(), new_id()
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow(
            """select name, language from institution where id = $1 and status = 'published' and not club
            for no key update""",
            institution,
        )
        if row is None:
            raise NotFound
        known = await sql.fetch(_MAILBOXES, institution, moment - LATELY)
        address = next((one["value"] for one in known if one["id"] == mailbox), None)
        if address is None:
            raise Refused("invalid", [Problem("mailbox", "not_a_choice")])
        if await _opened_since(sql, institution, moment - timedelta(days=1)) >= MOST_A_DAY:
            raise TooMany("claim_too_many")
        await sql.execute(
            "update claim set ends_at = $3 where institution = $1 and email = $2 and ends_at > $3 and used_at is null",
            institution,
            email,
            moment,
        )
        await sql.execute(
            """insert into claim (id, institution, email, mailed_to, code, wrong, made_at, ends_at)
            values ($1, $2, $3, $4, $5, 0, $6, $7)""",
            claim,
            institution,
            email,
            address,
            _sealed(claim, code),
            moment,
            moment + LASTS,
        )
        await send_code(address, spelt(code), row["language"], institution=institution, name=row["name"], who=email)
        await record(Event.CLAIM_OPEN, by=PUBLIC, subject=("institution", institution), facts={"language": language})


async def _opened_since(sql: asyncpg.Connection, institution: UUID, since: datetime) -> int:
    counted = await sql.fetchval(
        "select count(*) from claim where institution = $1 and made_at > $2", institution, since
    )
    return int(counted)


@retrying
async def try_code(institution: UUID, email: str, typed: str, *, language: str) -> None:
    """Grant the claim of this e-mail if the code is right; what comes next is in the mail to that e-mail.

    Raises Refused: `claim_code_wrong`, `claim_expired`, `claim_ended` with the fifth wrong code and ever after.
    """
    email = folded_email(email)
    async with transaction(SYSTEM) as sql:
        # Locked: codes tried at the same moment are counted one after another.
        row = await sql.fetchrow(
            """select id, email, code, wrong, ends_at, used_at from claim where institution = $1 and email = $2
            order by made_at desc, id desc limit 1 for update""",
            institution,
            email,
        )
        refusal = await _judge(sql, institution, row, typed_code(typed))
        if not refusal and row is not None:
            await _grant(sql, institution, row, language)
    if refusal:
        raise Refused(refusal)


async def _judge(sql: asyncpg.Connection, institution: UUID, row: Any, code: str) -> str:
    """The refusal of this try, '' for the right code; a wrong one is counted."""
    if row is None or row["used_at"] is not None:
        return "claim_code_wrong"
    if row["wrong"] >= MOST_WRONG:
        return "claim_ended"
    if row["ends_at"] <= clock.now():
        return "claim_expired"
    if hmac.compare_digest(bytes(row["code"]), _sealed(row["id"], code)):
        return ""
    wrong = await sql.fetchval("update claim set wrong = wrong + 1 where id = $1 returning wrong", row["id"])
    await record(Event.CLAIM_REFUSE, by=PUBLIC, subject=("institution", institution), facts={"wrong": wrong})
    return "claim_ended" if wrong >= MOST_WRONG else "claim_code_wrong"


async def _grant(sql: asyncpg.Connection, institution: UUID, claim: Any, language: str) -> None:
    """An account for the claim's e-mail, or more rights for the one it has here; everybody concerned is told."""
    email = claim["email"]
    held = await sql.fetchrow("select id, institution, active from account where email = $1 for update", email)
    account: UUID | None = None
    if held is None:
        await _let_edits_wait(sql, institution)
        account, secret = await add_account(email, institution=institution, roles=ROLES, by=SYSTEM, language=language)
        await send_password_link(email, str(secret), language, institution)
    elif held["institution"] == institution and held["active"]:
        account = held["id"]
        await add_roles(held["id"], ROLES, by=SYSTEM)
        await send_fresh_link(held["id"], by=SYSTEM)
    else:
        # Closed, or of another institution: only its owner learns that, by mail, and a person decides.
        await tell_to_ask(email, language, institution=institution)
    await sql.execute("update claim set used_at = $2, account = $3 where id = $1", claim["id"], clock.now(), account)
    await record(
        Event.CLAIM_GRANT, by=PUBLIC, subject=("institution", institution), facts={"account": str(account or "")}
    )
    await tell_of_grant(sql, institution, but=account)


async def _let_edits_wait(sql: asyncpg.Connection, institution: UUID) -> None:
    """The first hands at an institution that nobody of the network has met: see docs/decisions/0013."""
    met = await sql.fetchval(
        """select exists (select 1 from account where institution = $1 and active)
        or exists (select 1 from data_agreement where institution = $1)""",
        institution,
    )
    if not met:
        await edit_institution(institution, {"edits_wait": True}, by=SYSTEM, source="hub")


class ClaimRow(Struct, frozen=True):
    """A claim as the coordinator sees it. `state`: waiting, granted, asked (no account made), wrong, expired."""

    institution: UUID
    institution_name: str
    email: str
    mailed_to: str
    made_at: datetime
    state: str


_CLAIMS = """select c.institution, i.name as institution_name, c.email, c.mailed_to, c.made_at,
 case when c.used_at is not null then case when c.account is null then 'asked' else 'granted' end
      when c.wrong >= $2 then 'wrong' when c.ends_at <= $1 then 'expired' else 'waiting' end as state
from claim c join institution i on i.id = c.institution where c.made_at > $3 order by c.made_at desc, c.id limit 200"""


async def recent_claims() -> list[ClaimRow]:
    """The claims of the last ninety days, the newest first; for those who look after accounts."""
    moment = clock.now()
    async with connection() as sql:
        rows = await sql.fetch(_CLAIMS, moment, MOST_WRONG, moment - timedelta(days=90))
    return [ClaimRow(**dict(row)) for row in rows]

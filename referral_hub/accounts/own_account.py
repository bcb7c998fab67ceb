"""What everybody with an account changes by oneself: the language of mails, the password."""

import secrets
from typing import Final

from referral_hub.accounts.actions import good_password
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.passwords import hash_password, password_fits
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import digest
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused

LANGUAGES: Final = ("pl", "uk", "en")


async def language_of(actor: Actor) -> tuple[str, str]:
    """(e-mail, language of mails) of the actor's account. Raises NotAllowed for a program's key."""
    if actor.account is None:
        raise NotAllowed
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow("select email, language from account where id = $1", actor.account)
    if row is None:
        raise NotFound
    return row["email"], row["language"]


async def change_language(language: str, *, actor: Actor) -> None:
    """In which language mails come from now on."""
    if actor.account is None or language not in LANGUAGES:
        raise NotAllowed
    async with transaction(SYSTEM) as sql:
        await sql.execute("update account set language = $2 where id = $1", actor.account, language)
        await record(
            Event.ACCOUNT_EDIT, by=actor.scope, subject=("account", actor.account), facts={"language": language}
        )


async def change_password(session: str, present: str, wished: str, *, actor: Actor) -> str:
    """A new password; every other session ends, this one goes on under the new secret that is answered.

    Raises Refused("invalid"): `password_wrong`, `password_short`, `password_long`.
    """
    if actor.account is None:
        raise NotAllowed
    async with transaction(SYSTEM) as sql:
        stored = await sql.fetchval("select password from account where id = $1", actor.account)
    if not await password_fits(stored or "", present):
        raise Refused("invalid", [Problem("present", "password_wrong")])
    hashed, fresh = await hash_password(good_password(wished)), secrets.token_urlsafe(32)
    async with transaction(SYSTEM) as sql:
        await sql.execute("delete from session where account = $1 and token <> $2", actor.account, digest(session))
        kept = await sql.fetchval(
            "update session set token = $2, csrf = $3 where token = $1 returning account",
            digest(session),
            digest(fresh),
            secrets.token_urlsafe(24),
        )
        if kept is None:
            raise NotFound
        await sql.execute("update account set password = $2 where id = $1", actor.account, hashed)
        await record(Event.ACCOUNT_EDIT, by=actor.scope, subject=("account", actor.account), facts={"password": True})
    return fresh

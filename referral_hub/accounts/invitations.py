"""Inviting people and changing what they may do, with the two rules that keep a network from locking itself out."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actions import add_account, edit_account
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import make_link, revoke_links, revoke_links_to
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import SYSTEM, Scope, connection, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.mail.actions import queue
from referral_hub.settings import settings

MOST_MATCHES = 12


class Place(Struct, frozen=True):
    """An institution an account can belong to."""

    id: UUID
    name: str
    terc: str


async def institutions_named(typed: str) -> list[Place]:
    """The institutions of this name, else those whose name holds what was typed; at most MOST_MATCHES."""
    pattern = "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    async with connection() as sql:
        rows = await sql.fetch(
            """select id, name, terc, lower(name) = lower($1) as exact from institution
            where status = 'published' and (name ilike $2 or short_name ilike $2) order by sort_key, id limit $3""",
            typed,
            pattern,
            MOST_MATCHES,
        )
    exact = [row for row in rows if row["exact"]]
    return [Place(row["id"], row["name"], row["terc"]) for row in exact or rows]


async def invite(
    email: str, *, institution: UUID, roles: Sequence[str], name: str, language: str, actor: Actor
) -> UUID:
    """A new account and a mail with a one-time link to set its password, in one transaction."""
    if not actor.may(Permission.ACCOUNT_EDIT):
        raise NotAllowed
    async with transaction(SYSTEM):
        account, secret = await add_account(
            email, institution=institution, roles=roles, by=actor.scope, name=name, language=language
        )
        await send_password_link(email.strip(), str(secret), language, institution)
    return account


async def invite_again(account: UUID, *, actor: Actor) -> None:
    """A new link to set a password; links sent before stop working."""
    if not actor.may(Permission.ACCOUNT_EDIT):
        raise NotAllowed
    await send_fresh_link(account, by=actor.scope)


async def send_fresh_link(account: UUID, *, by: Scope) -> None:
    """Mail a new link to set a password. Raises NotFound, Refused `account_inactive`."""
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow("select email, institution, language, active from account where id = $1", account)
        if row is None:
            raise NotFound
        if not row["active"]:
            raise Refused("account_inactive")
        await revoke_links("s", by=by, subject=account)
        secret, _ = await make_link("s", by=by, institution=row["institution"], subject=account, address=row["email"])
        await send_password_link(row["email"], secret, row["language"], row["institution"])


async def change_rights(account: UUID, *, roles: Sequence[str], active: bool, actor: Actor) -> None:
    """Other roles, or an end to the account. Raises Refused `own_account`, `last_admin`."""
    if not actor.may(Permission.ACCOUNT_EDIT):
        raise NotAllowed
    if account == actor.account and (not active or "admin" not in roles):
        raise Refused("own_account")
    if not roles:
        raise Refused("invalid", [Problem("roles", "choose_some")])
    async with transaction(SYSTEM):
        await edit_account(account, roles=roles, active=active, by=actor.scope)
        if not active:
            await revoke_links_to(account, by=actor.scope)
        await _keep_an_admin()


async def _keep_an_admin() -> None:
    async with transaction(SYSTEM) as sql:
        left = await sql.fetchval(
            """select count(*) from account a join account_role r on r.account = a.id
            where r.role = 'admin' and a.active and a.password <> ''"""
        )
    if not left:
        raise Refused("last_admin")


async def send_password_link(email: str, secret: str, language: str, institution: UUID) -> None:
    """Mail the secret of a one-time link, the only time it is written anywhere."""
    facts = {"link": f"{settings().public_url}/sign-in/set/{secret}", "days": 3}
    await queue(email, "set_password", language, facts, institution=institution)

"""An institution looks after its own people: who edits, who takes people in, who has left.

Only the two roles of partners are given and taken here; whoever holds another role is the coordinator's or the
administrator's to change. The last editor goes only where somebody says that links are enough from then on.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actions import add_account, add_roles, edit_account
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.invitations import send_fresh_link, send_password_link
from referral_hub.accounts.links import revoke_links_to
from referral_hub.accounts.open_work import Leaving, OpenWork, open_work
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import SYSTEM, connection, retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused

ROLES: Final = ("partner_editor", "partner_intake")


class Colleague(Struct, frozen=True):
    """An open account of the same institution. `invited`: no password was set yet; `ours`: may be changed here."""

    id: UUID
    email: str
    name: str
    language: str
    roles: list[str]
    invited: bool
    made_at: datetime
    last_seen_at: datetime | None

    @property
    def ours(self) -> bool:
        return all(role in ROLES for role in self.roles)

    @property
    def called(self) -> str:
        """The name, where one is known, else the address."""
        return self.name or self.email


_COLLEAGUES: Final = """select a.id, a.email, a.name, a.language, a.password = '' as invited, a.made_at, a.last_seen_at,
 coalesce((select array_agg(r.role order by r.role) from account_role r where r.account = a.id), '{}') as roles
from account a where a.institution = $1 and a.active"""


async def colleagues_of(actor: Actor) -> list[Colleague]:
    """Everybody with an open account of the actor's institution. Raises NotAllowed."""
    if not actor.may(Permission.COLLEAGUE_EDIT) or actor.institution is None:
        raise NotAllowed
    async with connection() as sql:
        rows = await sql.fetch(f"{_COLLEAGUES} order by a.name, a.email", actor.institution)
    return [Colleague(**dict(row)) for row in rows]


async def colleague_of(account: UUID, actor: Actor) -> Colleague:
    """One of them. Raises NotFound for everybody else's people."""
    for one in await colleagues_of(actor):
        if one.id == account:
            return one
    raise NotFound


async def work_of(colleague: Colleague, actor: Actor) -> list[OpenWork]:
    """What waits for this person."""
    if actor.institution is None:
        raise NotFound
    return await open_work(Leaving(colleague.id, actor.institution, tuple(colleague.roles)))


async def invite_colleague(email: str, *, name: str, roles: Sequence[str], language: str, actor: Actor) -> UUID:
    """An account beside one's own and a mail with a one-time link. Raises Refused("invalid")."""
    if not actor.may(Permission.COLLEAGUE_EDIT) or actor.institution is None:
        raise NotAllowed
    _check(roles)
    async with transaction(SYSTEM):
        account, secret = await add_account(
            email, institution=actor.institution, roles=roles, by=actor.scope, name=name, language=language
        )
        await send_password_link(email.strip(), str(secret), language, actor.institution)
    return account


async def invite_colleague_again(account: UUID, *, actor: Actor) -> None:
    """A new link to set a password; the older ones stop working."""
    await _changeable(account, actor)
    await send_fresh_link(account, by=actor.scope)


@retrying
async def change_roles(account: UUID, *, roles: Sequence[str], actor: Actor) -> None:
    """What a colleague does from now on; their sessions end. Raises Refused `own_editor`, `last_editor`."""
    _check(roles)
    async with _locked(actor) as sql:
        colleague = await _changeable(account, actor)
        if "partner_editor" in colleague.roles and "partner_editor" not in roles:
            if account == actor.account:
                # Whoever takes the right to look after colleagues from oneself could not take it back.
                raise Refused("own_editor")
            # Two editors may do this to each other at the same moment.
            await _keep_an_editor(sql, actor, account)
        await edit_account(account, roles=sorted(roles), active=True, by=actor.scope)


@retrying
async def end_account(account: UUID, *, successor: UUID | None, by_link_only: bool, actor: Actor) -> None:
    """Somebody leaves: sessions and links mailed to that address end at once, the successor gets the roles.

    Raises NotFound, NotAllowed, Refused `last_editor` unless somebody takes over or `by_link_only` is said.
    """
    async with _locked(actor) as sql:
        colleague = await _changeable(account, actor)
        if successor is not None:
            heir = await colleague_of(successor, actor)
            if heir.id == account:
                raise Refused("invalid", [Problem("successor", "not_a_choice")])
            await add_roles(heir.id, colleague.roles, by=actor.scope)
        if "partner_editor" in colleague.roles and not by_link_only:
            await _keep_an_editor(sql, actor, account)
        await edit_account(account, roles=colleague.roles, active=False, by=actor.scope)
        await revoke_links_to(account, by=actor.scope)


def _check(roles: Sequence[str]) -> None:
    if not roles:
        raise Refused("invalid", [Problem("roles", "choose_some")])
    if any(role not in ROLES for role in roles):
        raise Refused("invalid", [Problem("roles", "not_a_choice")])


@asynccontextmanager
async def _locked(actor: Actor) -> AsyncIterator[asyncpg.Connection]:
    """A transaction in which nobody else changes who belongs to the actor's institution."""
    async with transaction(SYSTEM) as sql:
        await sql.execute("select 1 from institution where id = $1 for no key update", actor.institution)
        yield sql


async def _changeable(account: UUID, actor: Actor) -> Colleague:
    colleague = await colleague_of(account, actor)
    if not colleague.ours:
        raise NotAllowed("colleague_of_others")
    return colleague


async def _keep_an_editor(sql: asyncpg.Connection, actor: Actor, leaving: UUID) -> None:
    """Somebody else edits and has at least set a password. Raises Refused `last_editor`."""
    others = await sql.fetchval(
        """select count(*) from account a join account_role r on r.account = a.id and r.role = 'partner_editor'
        where a.institution = $1 and a.active and a.password <> '' and a.id <> $2""",
        actor.institution,
        leaving,
    )
    if not others:
        raise Refused("invalid", [Problem("by_link_only", "last_editor")])

"""Signing in and out, accounts and their roles, keys for programs."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import Link, make_link, use_up
from referral_hub.accounts.passwords import LONGEST, SHORTEST, hash_password, password_fits
from referral_hub.accounts.pauses import count_stranger, pause_after, stranger_locked_until
from referral_hub.accounts.permissions import ROLES
from referral_hub.accounts.sessions import LASTS
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import digest, new_id
from referral_hub.database.transaction import SYSTEM, Scope, transaction
from referral_hub.errors import NotFound, Problem, Refused, TooMany


async def write_roles() -> None:
    """Write the roles and what each may do, as this version knows them; safe to repeat."""
    async with transaction(SYSTEM) as sql:
        for place, (role, permissions) in enumerate(ROLES.items()):
            await sql.execute(
                "insert into role (code, position) values ($1, $2) on conflict (code) do update set position = $2",
                role,
                place,
            )
            await sql.execute(
                "delete from role_permission where role = $1 and not permission = any($2)",
                role,
                sorted(permissions),
            )
            for permission in sorted(permissions):
                await sql.execute(
                    """insert into role_permission (id, role, permission) values ($1, $2, $3)
                    on conflict (role, permission) do nothing""",
                    new_id(),
                    role,
                    permission,
                )


def folded_email(email: str) -> str:
    """The address as accounts keep it. Raises Refused with `email_malformed`."""
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise Refused("invalid", [Problem("email", "email_malformed")]) from None


async def add_account(
    email: str,
    *,
    institution: UUID,
    roles: Sequence[str],
    by: Scope,
    name: str = "",
    password: str | None = None,
    language: str = "pl",
) -> tuple[UUID, str | None]:
    """A new account; without a password, also the secret of a one-time link to set one (`/sign-in/set/<secret>`).

    Raises Refused: `email_malformed`, `email_taken`, `role_unknown`, `password_short`.
    """
    email = folded_email(email)
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise Refused("invalid", [Problem("role", "role_unknown", {"role": ", ".join(unknown)})])
    hashed = await hash_password(good_password(password)) if password is not None else ""
    account = new_id()
    async with transaction(SYSTEM) as sql:
        if await sql.fetchval("select 1 from institution where id = $1", institution) is None:
            raise NotFound
        made = await sql.fetchval(
            """insert into account (id, email, name, password, institution, language, made_at)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict (email) do nothing returning id""",
            account,
            email,
            name,
            hashed,
            institution,
            language,
            clock.now(),
        )
        if made is None:
            raise Refused("invalid", [Problem("email", "email_taken")])
        await _give_roles(account, roles)
        await record(Event.ACCOUNT_ADD, by=by, subject=("account", account), facts={"roles": sorted(roles)})
        if password is not None:
            return account, None
        secret, _ = await make_link("s", by=by, institution=institution, subject=account, address=email)
        return account, secret


async def _give_roles(account: UUID, roles: Sequence[str]) -> None:
    async with transaction(SYSTEM) as sql:
        await sql.execute("delete from account_role where account = $1", account)
        for role in dict.fromkeys(roles):
            await sql.execute(
                "insert into account_role (id, account, role) values ($1, $2, $3)", new_id(), account, role
            )


async def edit_account(account: UUID, *, roles: Sequence[str], active: bool, by: Scope) -> None:
    """Change what an account may do. Its sessions end, so that new rights never meet an old session id."""
    if not roles or any(role not in ROLES for role in roles):
        raise Refused("invalid", [Problem("role", "role_unknown")])
    async with transaction(SYSTEM) as sql:
        if await sql.fetchval("update account set active = $2 where id = $1 returning id", account, active) is None:
            raise NotFound
        await _give_roles(account, roles)
        await sql.execute("delete from session where account = $1", account)
        await record(
            Event.ACCOUNT_EDIT,
            by=by,
            subject=("account", account),
            facts={"roles": sorted(roles), "active": active},
        )


async def add_roles(account: UUID, roles: Sequence[str], *, by: Scope) -> bool:
    """Give an account roles beside those it holds; whether any was new. Its sessions end where one was."""
    async with transaction(SYSTEM) as sql:
        held = await sql.fetch("select role from account_role where account = $1", account)
        wanted = sorted({row["role"] for row in held} | set(roles))
        if len(wanted) == len(held):
            return False
        await edit_account(account, roles=wanted, active=True, by=by)
        return True


def good_password(password: str) -> str:
    """The password itself. Raises Refused: `password_short`, `password_long`."""
    if len(password) < SHORTEST:
        raise Refused("invalid", [Problem("password", "password_short", {"shortest": SHORTEST})])
    if len(password) > LONGEST:
        raise Refused("invalid", [Problem("password", "password_long", {"longest": LONGEST})])
    return password


async def set_password(link: Link, password: str) -> None:
    """Set a password by a one-time link; all sessions of the account end. Raises Refused `link_<state>`."""
    if link.state != "open":
        raise Refused(f"link_{link.state}")
    hashed = await hash_password(good_password(password))
    async with transaction(SYSTEM) as sql:
        await use_up(link)
        await sql.execute(
            "update account set password = $2, failed_attempts = 0, locked_until = null where id = $1",
            link.subject,
            hashed,
        )
        await sql.execute("delete from session where account = $1", link.subject)
        await record(Event.ACCOUNT_EDIT, by=SYSTEM, subject=("account", link.subject), facts={"password": True})


async def sign_in(email: str, password: str) -> str:
    """The secret of a new session. Raises Refused `sign_in_wrong` (never says which), TooMany after many tries."""
    moment, email = clock.now(), email.strip().lower()[:254]
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow(
            "select id, password, active, failed_attempts, locked_until, institution from account where email = $1",
            email,
        )
    locked = row["locked_until"] if row else stranger_locked_until(email)
    if locked is not None and locked > moment:
        raise TooMany("sign_in_locked", minutes=1 + int((locked - moment).total_seconds() // 60))
    fits = await password_fits(row["password"] if row else "", password)
    if row is None:
        count_stranger(email, moment)
    elif not fits or not row["active"]:
        await _count_failure(row["id"])
    else:
        return await _open_session(row["id"], row["institution"])
    raise Refused("sign_in_wrong")


async def _count_failure(account: UUID) -> None:
    async with transaction(SYSTEM) as sql:
        tries = await sql.fetchval(
            "update account set failed_attempts = failed_attempts + 1 where id = $1 returning failed_attempts",
            account,
        )
        pause = pause_after(tries)
        if pause is not None:
            await sql.execute("update account set locked_until = $2 where id = $1", account, clock.now() + pause)
        await record(Event.SESSION_REFUSE, by=SYSTEM, subject=("account", account), facts={"tries": tries})


async def _open_session(account: UUID, institution: UUID) -> str:
    secret, moment = secrets.token_urlsafe(32), clock.now()
    async with transaction(SYSTEM) as sql:
        await sql.execute("delete from session where ends_at < $1", moment)
        await sql.execute(
            """insert into session (token, account, csrf, made_at, seen_at, ends_at)
            values ($1, $2, $3, $4, $4, $5)""",
            digest(secret),
            account,
            secrets.token_urlsafe(24),
            moment,
            moment + LASTS,
        )
        await sql.execute(
            "update account set failed_attempts = 0, locked_until = null, last_seen_at = $2 where id = $1",
            account,
            moment,
        )
        by = Scope(kind="account", account=account, institution=institution)
        await record(Event.SESSION_OPEN, by=by, subject=("account", account))
    return secret


async def sign_out(secret: str, *, actor: Actor) -> None:
    """End this session."""
    async with transaction(SYSTEM) as sql:
        await sql.execute("delete from session where token = $1", digest(secret))
        await record(Event.SESSION_CLOSE, by=actor.scope, subject=("account", actor.account))


async def act_as(secret: str, role: str, *, actor: Actor) -> str:
    """Choose the role that acts when several could; a new session secret, since rights change with it."""
    if role not in actor.roles:
        raise Refused("role_not_held")
    fresh = secrets.token_urlsafe(32)
    async with transaction(SYSTEM) as sql:
        changed = await sql.fetchval(
            "update session set token = $2, role = $3, csrf = $4 where token = $1 returning account",
            digest(secret),
            digest(fresh),
            role,
            secrets.token_urlsafe(24),
        )
        if changed is None:
            raise NotFound
        await record(Event.SESSION_ACT_AS, by=actor.acting_as(role).scope, subject=("account", actor.account))
    return fresh


async def add_key(institution: UUID, scopes: Sequence[str], *, by: Scope, role: str = "caseworker") -> str:
    """A Bearer key for programs of an institution, limited to `scopes` (permissions of `role`), shown once."""
    held = {str(permission) for permission in ROLES.get(role, frozenset())}
    wrong = sorted(set(scopes) - held)
    if wrong or not scopes:
        raise Refused("invalid", [Problem("scope", "scope_unknown", {"scope": ", ".join(wrong)})])
    secret, key = "rh_" + secrets.token_urlsafe(32), new_id()
    async with transaction(SYSTEM) as sql:
        if await sql.fetchval("select 1 from institution where id = $1", institution) is None:
            raise NotFound
        await sql.execute(
            "insert into api_key (id, token, institution, role, scopes, made_at) values ($1, $2, $3, $4, $5, $6)",
            key,
            digest(secret),
            institution,
            role,
            sorted(scopes),
            clock.now(),
        )
        await record(Event.KEY_ADD, by=by, subject=("api_key", key), facts={"scopes": sorted(scopes)})
    return secret

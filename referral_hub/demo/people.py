"""The accounts to try, and the quieter ones that wrote the history of other institutions."""

from collections.abc import Sequence
from uuid import UUID

from referral_hub.accounts.actions import add_account
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.passwords import hash_password, password_fits
from referral_hub.accounts.permissions import ROLES
from referral_hub.database.transaction import SYSTEM, transaction

Listed = tuple[str, tuple[str, ...]]

DOMAIN = "demo.example"
ACCOUNTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "coordinator": ("kis-razem", ("coordinator", "partner_intake")),
    "caseworker": ("kis-razem", ("caseworker",)),
    "caseworker2": ("ops-przyklad", ("caseworker",)),
    "partner": ("ngo-otwarte-drzwi", ("partner_editor",)),
    "partner2": ("ngo-krok", ("partner_editor",)),
    "intake": ("odwyk-tarnow", ("partner_intake",)),
    "dpo": ("kis-razem", ("dpo",)),
    "admin": ("kis-razem", ("admin",)),
    "solo": ("kis-przystanek", ("coordinator", "caseworker", "partner_intake")),
}
"""The accounts of the contract: name → institution, roles."""

QUIET: dict[str, tuple[str, tuple[str, ...]]] = {
    "partner-zastepstwo": ("ngo-otwarte-drzwi", ("partner_editor",)),
    "caseworker-zabno": ("ops-zabno", ("caseworker",)),
    "caseworker-pcpr": ("pcpr-tarnow", ("caseworker",)),
    "caseworker-cus": ("cus-tarnow", ("caseworker",)),
}
"""Accounts without a password: nobody signs in as them, but the history needs their hands."""


def listed() -> list[Listed]:
    """The accounts to print: e-mail and roles."""
    return [(f"{name}@{DOMAIN}", roles) for name, (_, roles) in ACCOUNTS.items()]


async def add_accounts(institutions: dict[str, UUID], password: str) -> None:
    """Make the accounts that are not there yet; all listed ones get the one password."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch("select email from account where email like $1", f"%@{DOMAIN}")
    there = {row["email"] for row in rows}
    for given, accounts in ((password, ACCOUNTS), (None, QUIET)):
        for name, (key, roles) in accounts.items():
            await _add(f"{name}@{DOMAIN}", institutions[key], roles, there)
        if given is not None:
            await _set_password([f"{name}@{DOMAIN}" for name in accounts], given)


async def _add(email: str, institution: UUID, roles: Sequence[str], there: set[str]) -> None:
    if email not in there:
        await add_account(email, institution=institution, roles=roles, by=SYSTEM)


async def _set_password(emails: Sequence[str], password: str) -> None:
    """One hash for all: it is one password. Nothing is written when it already fits."""
    async with transaction(SYSTEM) as sql:
        before = await sql.fetchval("select password from account where email = $1", emails[0])
        if await password_fits(before, password):
            return
        hashed = await hash_password(password)
        await sql.execute("update account set password = $2 where email = any($1)", list(emails), hashed)


async def hands() -> dict[tuple[str, str], Actor]:
    """Who acts in the history: (institution key, role) → the actor of its account."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch("select id, email, institution from account where email like $1", f"%@{DOMAIN}")
    by_name = {row["email"].partition("@")[0]: row for row in rows}
    found: dict[tuple[str, str], Actor] = {}
    for name, (key, roles) in (ACCOUNTS | QUIET).items():
        row, rights = by_name[name], {role: ROLES[role] for role in roles}
        for role in roles:
            found[key, role] = Actor(
                kind="account",
                account=row["id"],
                institution=row["institution"],
                role=role,
                roles=roles,
                by_role={one: frozenset(map(str, held)) for one, held in rights.items()},
            )
    return found

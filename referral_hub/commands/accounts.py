"""`account add`, `account list`, `key add`: the way in for the first people and for programs."""

import argparse
import sys
from typing import Any
from uuid import UUID

import msgspec

from referral_hub.commands.opened import run_in_hub
from referral_hub.settings import settings


def add_to(commands: Any) -> None:
    """The three commands and their options."""
    account = commands.add_parser("account", help="add an account, list accounts", description=_ACCOUNT)
    acts = account.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add = acts.add_parser("add", help="a new account", description=_ACCOUNT)
    add.add_argument("email", metavar="EMAIL")
    add.add_argument(
        "--role", required=True, type=_codes, help="one or more, separated by commas: " + ", ".join(_roles())
    )
    add.add_argument("--institution", required=True, type=UUID, metavar="ID")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.add_argument("--json", action="store_true", help="answer as JSON")
    add.set_defaults(run=_add_account)
    listing = acts.add_parser("list", help="all accounts: email, roles, institution")
    listing.add_argument("--json", action="store_true", help="answer as JSON")
    listing.set_defaults(run=_list_accounts)

    key = commands.add_parser("key", help="add a key for a program", description=_KEY)
    acts = key.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add = acts.add_parser("add", help="a new key, printed once", description=_KEY)
    add.add_argument("--institution", required=True, type=UUID, metavar="ID")
    add.add_argument("--scope", required=True, action="extend", type=_codes, help="for example offer:edit; may repeat")
    add.add_argument("--json", action="store_true", help="answer as JSON")
    add.set_defaults(run=_add_key)


_ACCOUNT = "Accounts of people. Without --password-stdin a one-time link to set the password is printed."
_KEY = "Bearer keys of an institution for programs that use /api/v1, limited to scopes."


def _roles() -> list[str]:
    from referral_hub.accounts.permissions import ROLES

    return list(ROLES)


def _codes(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _add_account(chosen: argparse.Namespace) -> None:
    from referral_hub.accounts.actions import add_account
    from referral_hub.database.transaction import SYSTEM

    password = sys.stdin.readline().rstrip("\r\n") if chosen.password_stdin else None
    account, secret = run_in_hub(
        add_account(chosen.email, institution=chosen.institution, roles=chosen.role, by=SYSTEM, password=password)
    )
    link = f"{settings().public_url}/sign-in/set/{secret}" if secret else None
    if chosen.json:
        _print_json({"id": account, "email": chosen.email, "roles": chosen.role, "link": link})
        return
    print(f"{chosen.email}\t{account}\t{','.join(chosen.role)}")
    if link:
        print(f"Set the password within three days: {link}")


def _list_accounts(chosen: argparse.Namespace) -> None:
    from referral_hub.accounts.queries import every_account

    rows = run_in_hub(every_account())
    if chosen.json:
        _print_json(rows)
        return
    for row in rows:
        state = "" if row.active else "\tinactive"
        print(f"{row.email}\t{','.join(row.roles)}\t{row.institution}\t{row.institution_name}{state}")


def _add_key(chosen: argparse.Namespace) -> None:
    from referral_hub.accounts.actions import add_key
    from referral_hub.accounts.permissions import ROLES
    from referral_hub.database.transaction import SYSTEM

    # The narrowest role that may do all of it; where none may, the action names what is too much.
    able = [role for role, held in ROLES.items() if set(chosen.scope) <= {str(one) for one in held}]
    role = min(able, key=lambda one: len(ROLES[one]), default="caseworker")
    secret = run_in_hub(add_key(chosen.institution, chosen.scope, by=SYSTEM, role=role))
    if chosen.json:
        _print_json({"key": secret, "institution": chosen.institution, "role": role, "scopes": sorted(chosen.scope)})
    else:
        print(secret)


def _print_json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())

"""`init`: keys, migrations, roles and vocabularies, before the first use; safe to repeat."""

import argparse
from typing import Any

from referral_hub.commands.opened import run_in_hub
from referral_hub.settings import settings

_ABOUT = (
    "Makes the key file, brings the database up to date and fills in roles, vocabularies and TERYT. "
    "`import`, `serve` and `demo` do the same before they start."
)


def add_to(commands: Any) -> None:
    """The command; it has no options."""
    command = commands.add_parser("init", help="prepare the database and the key file", description=_ABOUT)
    command.set_defaults(run=_init)


def _init(_chosen: argparse.Namespace) -> None:
    fresh = not settings().key_file.exists()
    units, words = run_in_hub(_counted())
    print(f"ready: {words:,} words in the vocabularies, {units:,} territorial units")
    print(f"{'new key file' if fresh else 'key file'}: {settings().key_file}")
    print("Keep a copy of it elsewhere: whoever loses the key file loses the personal data.")


async def _counted() -> tuple[int, int]:
    from referral_hub.database.transaction import connection
    from referral_hub.geography.units import units

    async with connection() as sql:
        return len(units()), int(await sql.fetchval("select count(*) from vocabulary_term"))

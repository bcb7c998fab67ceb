"""`referral-hub …`: reads the command line, hands it to the command, turns what goes wrong into one plain line."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from referral_hub.commands import accounts, backup, bench, demo, doctor, exchange, init, serve
from referral_hub.log import set_up_logging

if TYPE_CHECKING:
    from referral_hub.errors import Problem

COMMANDS = (demo, serve, init, accounts, exchange, doctor, backup, bench)


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(
        prog="referral-hub",
        description="Partner directory with free places, and a referral hub with feedback.",
        epilog="Settings come from the environment (REFERRAL_HUB_…), see README.md.",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 done, 1 not done and one line says why, 2 wrongly asked."""
    chosen = parser().parse_args(arguments)
    set_up_logging()
    signal.signal(signal.SIGTERM, _leave)
    try:
        return int(chosen.run(chosen) or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        line = plain(error)
        if line is None:
            raise
        print(f"referral-hub: {line}", file=sys.stderr)
        return 1


def plain(error: Exception) -> str | None:
    """One line for people about an error that can be expected; None for one that cannot (a bug keeps its trace)."""
    import asyncpg

    from referral_hub.database.binaries import CannotRun
    from referral_hub.database.migrate import MigrationFailed
    from referral_hub.errors import HubError
    from referral_hub.settings import WrongSetting

    if isinstance(error, HubError):
        if str(error) != error.code:
            return str(error)  # a refusal that brings its own sentence, such as one about a file
        return _refusal(error.code, error.facts, error.problems)
    if isinstance(error, CannotRun | MigrationFailed | WrongSetting | OSError):
        return " ".join(str(error).split())
    if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
        return f"the database says: {' '.join(str(error).split())}"
    return None


def _refusal(code: str, facts: dict[str, object], problems: tuple["Problem", ...]) -> str:
    from referral_hub.web.wording import sentence_of

    whole = [f"{one.field}: {sentence_of('en', 'error', one.code, one.facts)}" for one in problems]
    return " ".join(whole or [sentence_of("en", "error", code, facts)])


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    # As an exception, so that the embedded database is stopped on the way out.
    raise SystemExit(143)

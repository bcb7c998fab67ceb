"""`bench`: the benchmark suite of the checkout, every figure beside what was promised."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

import msgspec

from referral_hub.database.binaries import CannotRun

_ROOT = Path(__file__).resolve().parents[2]
NAMES = ("start", "search", "send", "worklist", "year")
_ABOUT = (
    "Measures start-up and memory of the demo, search against a bare framework that sends the same bytes, and sending "
    "a referral and listing ten thousand against the bare statements; each pair side by side in one run. `year` lives "
    "a simulated year of the demonstration network and prints how many offers stay fresh. Needs a checkout."
)


def add_to(commands: Any) -> None:
    """The command and its options."""
    command = commands.add_parser("bench", help="run the benchmarks", description=_ABOUT)
    command.add_argument("names", nargs="*", choices=[*NAMES, []], default=[], metavar="NAME", help=", ".join(NAMES))
    command.add_argument("--json", type=Path, metavar="OUT", help="also write the figures to a file")
    command.set_defaults(run=_bench)


def _bench(chosen: argparse.Namespace) -> int:
    if not (_ROOT / "benchmarks").is_dir():
        raise CannotRun("The benchmarks are part of the source: run this from a checkout.")
    sys.path.insert(0, str(_ROOT))
    figures: list[Any] = []
    for name in chosen.names or NAMES:
        for figure in importlib.import_module(f"benchmarks.{name}").run():
            figures.append(figure)
            sign = " " if figure.kept else "!"
            print(f"{sign} {figure.name:44} {figure.value:10.2f} {figure.unit:6} {figure.promise}", flush=True)
    if chosen.json:
        rows = [{**msgspec.structs.asdict(figure), "kept": figure.kept} for figure in figures]
        chosen.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
    return int(not all(figure.kept for figure in figures))

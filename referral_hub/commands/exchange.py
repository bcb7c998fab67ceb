"""`import` and `export`: files in, with a report line by line, and files out."""

import argparse
from pathlib import Path
from typing import Any

import msgspec

from referral_hub.commands.opened import run_in_hub
from referral_hub.commands.progress import bar

IMPORT_KINDS = ("support-institutions", "rjps", "capacity", "boundaries")
EXPORT_KINDS = ("directory-xlsx",)

_IMPORT = (
    "Reads a register into the directory. A line with an error is rejected and reported, the others come in; "
    "a second run changes nothing."
)


def add_to(commands: Any) -> None:
    """The two commands and their options."""
    bring = commands.add_parser("import", help="read a register into the directory", description=_IMPORT)
    bring.add_argument("file", type=Path, metavar="FILE")
    bring.add_argument("--source", required=True, metavar="NAME", help="the name rows are remembered by")
    bring.add_argument("--kind", required=True, choices=IMPORT_KINDS)
    bring.add_argument("--dry-run", action="store_true", help="report only, change nothing")
    bring.add_argument("--report", type=Path, metavar="OUT.json", help="write the report to a file")
    bring.add_argument("--json", action="store_true", help="print the report as JSON")
    bring.set_defaults(run=_import)
    take = commands.add_parser("export", help="write the directory to a file", description="Writes a file to share.")
    take.add_argument("--kind", required=True, choices=EXPORT_KINDS)
    take.add_argument("out", type=Path, metavar="OUT")
    take.set_defaults(run=_export)


def _import(chosen: argparse.Namespace) -> None:
    from referral_hub.accounts.actor import SYSTEM_ACTOR
    from referral_hub.exchange.actions import import_file

    with bar(f"import {chosen.file.name}", "rows") as progress:
        report = run_in_hub(
            import_file(
                chosen.file,
                source=chosen.source,
                kind=chosen.kind,
                actor=SYSTEM_ACTOR,
                dry_run=chosen.dry_run,
                progress=progress,
            )
        )
    text = msgspec.json.format(msgspec.json.encode(report.as_dict()), indent=2).decode()
    if chosen.report:
        chosen.report.write_text(text + "\n", encoding="utf-8")
    print(text if chosen.json else _told(report.as_dict(), dry_run=chosen.dry_run))


def _told(report: dict[str, Any], *, dry_run: bool) -> str:
    """The report for a reader: the counts, what was made, and every line that was rejected."""
    counts = ", ".join(f"{name} {report[name]}" for name in ("read", "created", "updated", "unchanged", "rejected"))
    made = ", ".join(f"{number} {name}" for name, number in report["made"].items())
    problems = report["problems"]
    lines = [f"{counts}{' (dry run: nothing was changed)' if dry_run else ''}", f"made: {made}"]
    lines += [
        f"line {one['line']}: {one['field']}: {one['problem']} ({one['value']})"
        for one in problems
        if one["severity"] == "error"
    ]
    doubts = sum(one["severity"] != "error" for one in problems)
    return "\n".join([*lines, f"{doubts} remarks: --report OUT.json has them all"] if doubts else lines)


def _export(chosen: argparse.Namespace) -> None:
    from referral_hub.accounts.actor import SYSTEM_ACTOR
    from referral_hub.exchange.directory_xlsx import export_directory

    counts = run_in_hub(export_directory(chosen.out, actor=SYSTEM_ACTOR))
    print(f"{chosen.out}: {', '.join(f'{name} {number}' for name, number in counts.items())}")

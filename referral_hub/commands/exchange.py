"""`import` and `export`: files in, with a report line by line, and files out."""

import argparse
from pathlib import Path
from typing import Any

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
    raise NotImplementedError


def _export(chosen: argparse.Namespace) -> None:
    raise NotImplementedError

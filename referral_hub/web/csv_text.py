"""Tables as CSV for a spreadsheet: semicolons, a byte-order mark, no formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The rows as a spreadsheet in Poland reads them."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def safe(text: str) -> str:
    """A text that a spreadsheet will not run: an apostrophe before what begins like a formula."""
    return f"'{text}" if text.startswith(RISKY) else text

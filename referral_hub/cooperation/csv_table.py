"""The published table as CSV for a spreadsheet: semicolons, a byte-order mark, no formulas."""

import csv
import io
from collections.abc import Callable

from referral_hub.cooperation.secrecy import TOTAL, Published

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(table: Published, name: Callable[[str], str], corner: str, total: str, hidden: str) -> str:
    """Rows are senders, columns receivers, totals last; `hidden` stands for a hidden count.

    `name` gives the words for a kind, `corner` the first cell, `total` the word for totals.
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(corner), *(safe(name(kind)) for kind in table.receivers), safe(total)])
    for sender in (*table.senders, TOTAL):
        counts = [table.cell(sender, receiver) for receiver in (*table.receivers, TOTAL)]
        words = [hidden if count is None else str(count) for count in counts]
        writer.writerow([safe(name(sender) if sender else total), *words])
    return out.getvalue()


def safe(text: str) -> str:
    """A text that a spreadsheet will not run: an apostrophe before what begins like a formula."""
    return f"'{text}" if text.startswith(RISKY) else text

"""The published table as CSV for a spreadsheet: semicolons, a byte-order mark, no formulas."""

from collections.abc import Callable

from referral_hub.cooperation.secrecy import TOTAL, Published
from referral_hub.web.csv_text import csv_text


def as_csv(table: Published, name: Callable[[str], str], corner: str, total: str, hidden: str) -> str:
    """Rows are senders, columns receivers, totals last; `hidden` stands for a hidden count.

    `name` gives the words for a kind, `corner` the first cell, `total` the word for totals.
    """
    rows = [[corner, *(name(kind) for kind in table.receivers), total]]
    for sender in (*table.senders, TOTAL):
        counts = [table.cell(sender, receiver) for receiver in (*table.receivers, TOTAL)]
        words = [hidden if count is None else str(count) for count in counts]
        rows.append([name(sender) if sender else total, *words])
    return csv_text(rows)

"""How long a task has waited and whose turn it is, in words a page can colour. Pure; days are business days."""

from datetime import date
from typing import Literal

from msgspec import Struct

from referral_hub.directory.business_days import add_business_days, business_days_between, is_business_day

Tone = Literal["", "good", "careful", "bad"]


class Age(Struct, frozen=True):
    """`code` is one of running, due_today, overdue, waits, none; `days` fills its gap; `tone` is never alone."""

    code: str
    days: int
    tone: Tone


def age_of(since: date | None, due_on: date | None, today: date) -> Age:
    """The age of an open task: against its clock when one runs, else since its last move."""
    if due_on is not None:
        left = business_days_between(today, due_on)
        if due_on < today:
            return Age("overdue", max(1, -left), "bad")
        if left == 0:
            return Age("due_today", 0, "careful")
        return Age("running", left, "careful" if left == 1 else "")
    if since is None:
        return Age("none", 0, "")
    return Age("waits", max(0, business_days_between(since, today)), "")


def near_days(today: date, number: int = 5) -> list[date]:
    """Today, if it is a business day, and the next business days: what people mean by „przyjmą w środę”."""
    days = [today] if is_business_day(today) else []
    return [*days, *(add_business_days(today, step) for step in range(1, number - len(days) + 1))]

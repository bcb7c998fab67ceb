"""When partners are asked: between 8 and 16 on business days; who is open at weekends may be asked then too. Pure."""

from datetime import date, datetime, time, timedelta

from referral_hub.clock import WARSAW
from referral_hub.directory.business_days import is_business_day

OPENS, CLOSES = time(8), time(16)
A_DAY = 8
"""Office hours in a business day."""


def works_on(day: date, every_day: bool) -> bool:
    """Whether somebody is there to answer."""
    return every_day or is_business_day(day)


def morning(day: date, every_day: bool = False) -> datetime:
    """The first office moment on `day` or after it."""
    while not works_on(day, every_day):
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, WARSAW)


def next_office_moment(moment: datetime, every_day: bool = False) -> datetime:
    """`moment` itself where it lies in office hours, else the next opening."""
    local = moment.astimezone(WARSAW)
    if works_on(local.date(), every_day) and local.time() < CLOSES:
        return max(local, datetime.combine(local.date(), OPENS, WARSAW))
    return morning(local.date() + timedelta(days=1), every_day)


def add_office_hours(moment: datetime, hours: int, every_day: bool = False) -> datetime:
    """The office moment `hours` office hours after `moment`: eight are a business day."""
    local, left = next_office_moment(moment, every_day), timedelta(hours=hours)
    while True:
        closing = datetime.combine(local.date(), CLOSES, WARSAW)
        if left < closing - local:
            return local + left
        left -= closing - local
        local = morning(local.date() + timedelta(days=1), every_day)

"""Numbers, days, ages and distances as people of each language write them, in the language being spoken."""

from datetime import date, datetime, time

from babel import dates, numbers
from babel.lists import format_list

from referral_hub import clock
from referral_hub.web.wording import spoken, translate, translate_count


def number(value: float) -> str:
    """12 345,6"""
    return numbers.format_decimal(value, locale=spoken())


def percent(share: float) -> str:
    """0.834 becomes 83%."""
    return numbers.format_percent(share, locale=spoken())


def money(value: float) -> str:
    """Polish zloty."""
    return numbers.format_currency(value, "PLN", locale=spoken())


def distance(kilometres: float) -> str:
    """Below ten with one decimal place: 2,3 km; above without: 14 km."""
    shown = round(kilometres, 1) if kilometres < 10 else round(kilometres)
    return f"{numbers.format_decimal(shown, locale=spoken())}\u00a0km"


def day(value: date | datetime) -> str:
    """23 listopada 2026, counted in Warsaw."""
    # „року” in full: its short form ends with a full stop, and so does the sentence it stands in.
    pattern = "d MMMM y 'року'" if spoken() == "uk" else "long"
    return dates.format_date(_day(value), format=pattern, locale=spoken())


def short_day(value: date | datetime) -> str:
    """23.11.2026 in a column; the order of the language."""
    return dates.format_date(_day(value), format="dd.MM.yyyy" if spoken() != "en" else "d MMM yyyy", locale=spoken())


def day_of_week(value: date | datetime) -> str:
    """środa, 25 listopada"""
    return dates.format_date(_day(value), format="EEEE, d MMMM", locale=spoken())


def weekday(value: date | datetime) -> str:
    """środa"""
    return dates.format_date(_day(value), format="EEEE", locale=spoken())


def month(value: date) -> str:
    """listopad 2026"""
    return dates.format_skeleton("yMMMM", _day(value), locale=spoken())


def moment(value: datetime) -> str:
    """23 listopada 2026, 14:40 in Warsaw."""
    return f"{day(value)}, {hour(value)}"


def hour(value: datetime | time) -> str:
    """14:40 in Warsaw, everywhere in 24 hours."""
    if isinstance(value, datetime):
        value = value.astimezone(clock.WARSAW).time()
    return value.strftime("%H:%M").lstrip("0") if value.hour else value.strftime("%H:%M")


def age(value: date | datetime) -> str:
    """dziś, wczoraj, 9 dni temu; a day to come: jutro, za 3 dni."""
    language, days = spoken(), (clock.today() - _day(value)).days
    if days == 0:
        return translate(language, "today")
    if days == 1:
        return translate(language, "yesterday")
    if days == -1:
        return translate(language, "tomorrow")
    if days < 0:
        return translate_count(language, "in %(num)s day", "in %(num)s days", -days)
    return translate_count(language, "%(num)s day ago", "%(num)s days ago", days)


def since(value: date | datetime) -> str:
    """How long ago in the words of talk: wczoraj, 9 dni temu; beyond a month: w marcu 2025."""
    when = _day(value)
    if (clock.today() - when).days <= 31:
        return age(when)
    return translate(spoken(), f"in_month.{when.month}", year=when.year)


def days_long(days: int) -> str:
    """6 dni: how long something waits."""
    return translate_count(spoken(), "%(num)s day", "%(num)s days", days)


def as_of(value: date | datetime) -> str:
    """stan na 23.11.2026: always beside a number."""
    return translate(spoken(), "as of %(day)s", day=short_day(value))


def as_of_text(value: date | datetime | str) -> str:
    """23.11.2026 (2 dni temu), also of a date that travelled as text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return f"{short_day(value)} ({age(value)})"


def iso(value: date | datetime) -> str:
    """For `<time datetime>`."""
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()


def listed(items: list[str]) -> str:
    """praca, mieszkanie i terapia"""
    return format_list(items, locale=spoken()) if items else ""


def _day(value: date | datetime) -> date:
    return value.astimezone(clock.WARSAW).date() if isinstance(value, datetime) else value


FORMATS = {
    "number": number,
    "percent": percent,
    "money": money,
    "distance": distance,
    "day": day,
    "short_day": short_day,
    "day_of_week": day_of_week,
    "month": month,
    "moment": moment,
    "hour": hour,
    "age": age,
    "since": since,
    "days_long": days_long,
    "as_of": as_of,
    "as_of_text": as_of_text,
    "iso": iso,
    "listed": listed,
}

"""Opening hours are read where they are certain, and left as text everywhere else."""

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.directory.hours import (
    ALWAYS,
    Interval,
    Week,
    clock_face,
    from_stored,
    read_hours,
    stored,
    tidy,
    today_hours,
)

NAMES = ("pn", "wt", "śr", "czw", "pt", "sob", "nd")


def shown(text: str) -> str | None:
    """The read week in one line, days without hours left out."""
    week = read_hours(text)
    if week is None:
        return None
    days = (f"{name} {'+'.join(map(str, day))}" for name, day in zip(NAMES, week.days, strict=True) if day)
    return " ".join(days).replace("–", "-")


OFFICE = "pn 7:30-15:30 wt 7:30-15:30 śr 7:30-15:30 czw 7:30-15:30 pt 7:30-15:30"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("pon.–pt. 7.30–15.30", OFFICE),
        ("pn - pt - 7.30-15.30", OFFICE),
        ("Od poniedziałku do piątku w godzinach od 7:30 do 15:30.", OFFICE),
        ("7.30 - 15.30 od poniedziałku do piątku", OFFICE),
        ("codziennie od poniedziałku do piatku od godz. 7,30 do 15;30", OFFICE),
        ("pracownicy socjalni (w godz. pracy GOPS od poniedziałku do piątku od 7:30 do 15:30)", OFFICE),
        ("dni robocze od 7.30 do 15.30", OFFICE),
        (
            "wtorki 8-16, pozostałe dni 7-15",
            "pn 7:00-15:00 wt 8:00-16:00 śr 7:00-15:00 czw 7:00-15:00 pt 7:00-15:00",
        ),
        (
            "Poniedziałek : 9 00 - 17 00, Wtorek- piątek: 7 30- 15 30",
            "pn 9:00-17:00 wt 7:30-15:30 śr 7:30-15:30 czw 7:30-15:30 pt 7:30-15:30",
        ),
        (
            "8.00 do 17.00 poniedziałek \n8.00 do 16.00 wtorek-czwartek\n8.00 do 15.00 piątek\n",
            "pn 8:00-17:00 wt 8:00-16:00 śr 8:00-16:00 czw 8:00-16:00 pt 8:00-15:00",
        ),
        (
            "poniedziałek oraz od środy do piątku w godz. od 7:30 do 15:30\nwtorek od 7:30 do 18:00",
            "pn 7:30-15:30 wt 7:30-18:00 śr 7:30-15:30 czw 7:30-15:30 pt 7:30-15:30",
        ),
        ("pon. od 9.00 do 12.00 i 13.30 do 15.30 śr. 20-21", "pn 9:00-12:00+13:30-15:30 śr 20:00-21:00"),
        ("Pn, Wt - 9:00-16:00 Sob - 9:00-13:00", "pn 9:00-16:00 wt 9:00-16:00 sob 9:00-13:00"),
        (
            "Wtorek - Piątek 7-15\nSobota - Niedziela Nieczynne",
            "wt 7:00-15:00 śr 7:00-15:00 czw 7:00-15:00 pt 7:00-15:00",
        ),
    ],
)
def test_certain_texts_are_read(text: str, means: str) -> None:
    assert shown(text) == means


@pytest.mark.parametrize("text", ["całodobowo", "Całą Dobę", "całodobowo przez 7 dni w tygodniu", "24/7", "24h"])
def test_round_the_clock(text: str) -> None:
    assert read_hours(text) == ALWAYS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "mops@brzesko.pl",
        "7.30-15.30",  # which days?
        "codziennie 7 do 15",  # at an office this means working days, at a shelter all seven
        "pon. pt. od 16.00 do 20.00",  # both, or from one to the other?
        "I i III piątek miesiąca w godzinach 14.00 do 16.00",
        "1 i 3 środa miesiąca w godz. od 10.00 do 14.00",
        "każdy ostatni czwartek 16-18",
        "co drugi wtorek 16-18",
        "psycholog wtorek 16-18",
        "całodobowo, telefon zaufania - codziennie w godz. 16.00 - 21.00",
        "wtorek-piątek 7:30 do 15:30\npiątek 7:30 do 14:30",  # two hours for one day
        "Poniedziałek, piątek*: 7:30 – 15:30\nWtorek: 8:30 – 16:30\n* dzień wewnętrzny",
        "poniedziałek 15.30-7.30",  # over midnight, or a slip?
        "poniedziałek 7.30-15-30",
        "poniedziałek 7.30-25.00",
        "pt-pn 8-16",
        "poniedziałek 8-16 wtorek",
        "poniedziałek 8",
        "poniedziałek nie pracuje",
        "pon.–pt. 7:00–15:00; interesanci 8:00–14:00",
        "po telefonicznym uzgodnieniu",
    ],
)
def test_uncertain_texts_stay_texts(text: str) -> None:
    assert read_hours(text) is None


def test_most_plain_hours_of_the_real_registers_are_read(shared: Path) -> None:
    """The rest are rotas of persons, every second week, hours without a day: rightly left as text."""
    read, texts = 0, 0
    for name, column in (
        ("instytucje_wsparcia_malopolska_2024.csv", "dni_i_godziny"),
        ("ops_cus_pcpr_malopolskie_2026-03-06_RJPS.csv", "godziny_pracy"),
        ("pup_kontakty_zebrane.csv", "godziny"),
        ("gorzyce_lista_jednostek_2024_fragment.csv", "dni_i_godziny"),
    ):
        with (shared / "data" / "registers" / name).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row[column].strip():
                    texts += 1
                    read += read_hours(row[column]) is not None
    print(f"opening hours understood: {read} of {texts} texts ({read / texts:.0%})")
    assert texts == 556
    assert read >= 250


@given(st.text(alphabet="pon wtśrczt.,-–:0123456789iod\n()", max_size=60))
def test_no_text_breaks_the_reader_and_what_it_reads_is_a_week(text: str) -> None:
    week = read_hours(text)
    if week is None:
        return
    assert len(week.days) == 7
    for day in week.days:
        assert all(0 <= one.start < one.end <= 1440 for one in day)
        assert all(one.end < two.start for one, two in pairwise(day))


ranges = st.tuples(st.integers(0, 1438), st.integers(1, 1439)).map(
    lambda one: (*divmod(one[0], 60), *divmod(min(one[0] + one[1], 1439), 60))
)


@given(st.dictionaries(st.integers(0, 6), ranges, min_size=1))
def test_what_is_written_plainly_is_read_back(days: dict[int, tuple[int, int, int, int]]) -> None:
    text = ", ".join(f"{NAMES[day]}. {a}:{b:02d}–{c}:{d:02d}" for day, (a, b, c, d) in sorted(days.items()))
    week = read_hours(text)
    assert week is not None
    for day in range(7):
        start_end = days.get(day)
        expected = (Interval(start_end[0] * 60 + start_end[1], start_end[2] * 60 + start_end[3]),) if start_end else ()
        assert week.days[day] == expected


def test_today() -> None:
    week = read_hours("pon.–pt. 7.30–15.30")
    monday, saturday = date(2026, 11, 23), date(2026, 11, 28)
    assert today_hours(week, monday, holiday=False).intervals == (Interval(450, 930),)
    assert today_hours(week, monday, holiday=True).state == "holiday"
    assert today_hours(week, saturday, holiday=False).state == "closed"
    assert today_hours(week, saturday, holiday=True).state == "closed"
    assert today_hours(None, monday, holiday=False).state == "unknown"
    assert today_hours(ALWAYS, monday, holiday=True).state == "always"
    assert clock_face(450) == "7:30"


def test_a_week_survives_being_stored() -> None:
    week = read_hours("pon. od 9.00 do 12.00 i 13.30 do 15.30 śr. 20-21")
    assert isinstance(week, Week)
    assert from_stored(stored(week)) == week
    assert stored(week)[0] == {"days": [1], "from": "09:00", "to": "12:00"}
    assert stored(read_hours("pon.–pt. 7.30–15.30")) == [{"days": [1, 2, 3, 4, 5], "from": "07:30", "to": "15:30"}]
    assert from_stored(stored(ALWAYS)) == ALWAYS
    assert from_stored(stored(None)) is None


def test_the_text_is_kept_with_its_lines() -> None:
    assert tidy("pon.   8-16\r\n\n wt.\xa09-17 ") == "pon. 8-16\nwt. 9-17"

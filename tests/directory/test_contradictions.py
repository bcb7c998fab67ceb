"""What does not agree in a reading is said by code, with the numbers as given."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.directory.contradictions import CODES, contradictions
from referral_hub.directory.said import NUMBERS
from referral_hub.web.wording import has, sentence_of

DAY = date(2026, 7, 31)


def codes(**told: Any) -> list[str]:
    return [one.code for one in contradictions(told, day=DAY)]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"free": 3, "free_women": 1, "free_men": 2, "maximum": 9, "taken": 6, "waiting": 0, "waiting_days": 0}, []),
        ({}, []),
        ({"free": 0, "maximum": 0}, []),
        ({"free": 3, "free_women": 2, "free_men": 2}, ["women_men_total"]),
        ({"free": 3, "free_women": 4}, ["part_over_free"]),
        ({"free": 3, "by_group": {"bezdomne": 3, "uchodzcy": 3}}, []),
        ({"free": 3, "by_group": {"bezdomne": 4}}, ["part_over_free"]),
        ({"free": 10, "maximum": 9}, ["free_over_maximum"]),
        ({"free": 1, "maximum": 50, "allocated": 48, "arrived": 47}, ["free_not_maximum_less_taken"]),
        ({"free": 2, "maximum": 50, "allocated": 48, "arrived": 47}, []),
        ({"free": 3, "maximum": 50, "allocated": 48, "arrived": 47}, []),
        ({"free": 0, "maximum": 50, "allocated": 52, "arrived": 50}, ["over_capacity"]),
        ({"free": 0, "maximum": 50, "allocated": 49, "arrived": 50}, ["arrived_over_allocated"]),
        ({"referred": 3, "allocated": 4}, ["allocated_over_referred"]),
        ({"free": 2, "waiting": 4}, ["queue_beside_vacancies"]),
        ({"free": 2, "status": "waitlist"}, ["list_beside_vacancies"]),
        ({"waiting": 0, "waiting_days": 30}, ["days_without_queue"]),
        ({"waiting": 3, "waiting_days": 0}, ["queue_without_days"]),
        ({"free": 0, "from_when": date(2026, 7, 1)}, ["first_day_passed"]),
        ({"free": 2, "from_when": date(2026, 9, 1)}, ["free_before_first_day"]),
        ({"free": 0, "from_when": date(2026, 9, 1)}, []),
    ],
)
def test_each_disagreement_has_its_code(told: dict[str, Any], found: list[str]) -> None:
    assert codes(**told) == found


def test_a_reading_that_came_after_a_newer_one_is_said_so() -> None:
    found = contradictions({"free": 2}, day=DAY, newer_known=date(2026, 8, 31))
    assert [(one.code, one.facts) for one in found] == [("older_than_known", {"day": DAY, "newer": date(2026, 8, 31)})]


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
def test_every_code_is_said_in_words(language: str) -> None:
    for code in CODES:
        assert has(language, f"contradiction.{code}")
        assert has("pl", f"contradiction_kind.{code}")
    gap = "…"
    for told in (
        {"free": 9, "free_women": 7, "free_men": 7, "maximum": 3, "taken": 5, "waiting": 2, "waiting_days": 0},
    ):
        for one in contradictions(told, day=DAY):
            assert gap not in sentence_of(language, "contradiction", one.code, one.facts)


@given(st.dictionaries(st.sampled_from(NUMBERS), st.none() | st.integers(0, 9999)))
def test_no_numbers_break_it_and_only_given_ones_are_told(told: dict[str, int | None]) -> None:
    given_numbers = set(told.values())
    for one in contradictions(told, day=DAY):
        assert one.code in CODES
        assert set(one.facts.values()) <= given_numbers

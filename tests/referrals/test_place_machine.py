"""Readings, holds, sends, answers, undos and merges at random against PostgreSQL: the sums of places never go wrong.

Everything is done by our own actions, as partners, caseworkers, the clock and the coordinator do it. After every step
the counters are those of the pure module for the same history, nothing is negative, no reading is lost or changed.
"""

from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.referrals.place_machine import STEP, run

pytestmark = pytest.mark.anyio
BOUNDS = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@BOUNDS
@given(st.lists(STEP, min_size=6, max_size=16))
async def test_no_history_breaks_the_sums(database: asyncpg.Connection, steps: list[tuple[Any, ...]]) -> None:
    await run(steps)


@pytest.mark.full
@LONG
@given(st.lists(STEP, min_size=10, max_size=40))
async def test_no_long_history_breaks_the_sums(database: asyncpg.Connection, steps: list[tuple[Any, ...]]) -> None:
    await run(steps)


async def test_a_place_taken_under_an_undone_reading_comes_back(database: asyncpg.Connection) -> None:
    await run(
        [
            ("report", 0, 2, 0, "declared"),
            ("report", 0, 3, 0, "declared"),
            ("send", 0, 0, False),
            ("accept", 0),
            ("undo", 0, True),
            ("fail", 0),
        ]
    )


async def test_a_merge_between_a_hold_and_its_answer_loses_neither(database: asyncpg.Connection) -> None:
    await run(
        [
            ("report", 1, 1, 0, "declared"),
            ("send", 0, 1, False),
            ("merge",),
            ("accept", 0),
            ("report", 1, 0, 0, "declared"),
            ("undo", 1, True),
        ]
    )

"""Requests, sister tasks, holds, the waiting list, withdrawals, time and merges at random against PostgreSQL.

Everything is done by our own actions, as caseworkers, partners, the person, the coordinator and the clock do it; what
must be true is asked after every step (`loop_truths.py`).
"""

from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.referrals.loop_machine import Done, run
from tests.referrals.loop_steps import STEP

pytestmark = pytest.mark.anyio
LENGTH = 85


@pytest.fixture
def done(record_property: Callable[[str, object], None]) -> Iterator[Done]:
    """What all the examples of a test did; it is told at the end of the run."""
    done = Done()
    yield done
    record_property("figure", str(done))
    assert done.steps >= LENGTH * 12
    assert done.kept >= done.steps // 100, "the waiting list hardly moved"


def bounds(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@bounds(12)
@given(st.lists(STEP, min_size=LENGTH, max_size=LENGTH))
async def test_no_course_of_events_breaks_a_truth(
    database: asyncpg.Connection, done: Done, steps: list[tuple[Any, ...]]
) -> None:
    await run(steps, done)


@pytest.mark.full
@bounds(130)
@given(st.lists(STEP, min_size=LENGTH, max_size=LENGTH))
async def test_no_long_row_of_courses_breaks_a_truth(
    database: asyncpg.Connection, done: Done, steps: list[tuple[Any, ...]]
) -> None:
    await run(steps, done)

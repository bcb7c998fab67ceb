"""The place arithmetic, on any history of readings, holds, takings and returns."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.directory.places import (
    NoPlace,
    Places,
    Status,
    available,
    capacity_status,
    free_now,
    give_back,
    hold,
    place_is_free,
    release,
    report,
    take,
    take_held,
)

numbers = st.integers(0, 40)
counters = st.builds(Places, reported=st.none() | numbers, holds=numbers, taken=numbers, reading=st.integers(1, 9))
histories = st.lists(
    st.sampled_from(["hold", "release", "accept", "take", "give_back"]) | st.tuples(st.just("report"), numbers),
    max_size=60,
)


class World:
    """The people behind the counters: a slow, obvious model to compare with."""

    def __init__(self) -> None:
        self.counters = Places()
        self.held = 0
        self.inside: list[int] = []  # for each person inside: the reading in force when they were accepted

    def play(self, step: object) -> None:
        """Apply one step where it is possible, to the model and to the counters alike."""
        match step:
            case ("report", int(free)):
                self.counters = report(self.counters, free)
            case "hold" if place_is_free(self.counters):
                self.counters, self.held = hold(self.counters), self.held + 1
            case "release" if self.held:
                self.counters, self.held = release(self.counters), self.held - 1
            case "accept" if self.held:
                self.inside.append(self.counters.reading)
                self.counters, self.held = take_held(self.counters), self.held - 1
            case "take" if place_is_free(self.counters):
                self.inside.append(self.counters.reading)
                self.counters = take(self.counters)
            case "give_back" if self.inside:
                self.counters = give_back(self.counters, self.inside.pop(0))
            case _:
                pass


@given(histories)
def test_counters_agree_with_the_people_they_count(steps: list[object]) -> None:
    world = World()
    for step in steps:
        world.play(step)
        counters = world.counters
        assert counters.holds == world.held
        assert counters.taken == sum(under == counters.reading for under in world.inside)
        expected = None if counters.reported is None else counters.reported - counters.holds - counters.taken
        assert free_now(counters) == (None if expected is None else max(0, expected))


@given(counters)
def test_available_is_never_below_zero_and_unknown_stays_unknown(counters: Places) -> None:
    free = free_now(counters)
    assert (free is None) == (counters.reported is None)
    assert free is None or 0 <= free <= (counters.reported or 0)


@given(counters)
def test_a_hold_takes_exactly_one_place_or_is_refused(counters: Places) -> None:
    before = free_now(counters)
    if not before:
        with pytest.raises(NoPlace):
            hold(counters)
        with pytest.raises(NoPlace):
            take(counters)
        return
    assert free_now(hold(counters)) == before - 1
    assert free_now(take(counters)) == before - 1
    assert free_now(release(hold(counters))) == before


@given(counters, numbers)
def test_a_lower_reading_cancels_no_hold_it_only_stops_new_ones(counters: Places, free: int) -> None:
    told = report(counters, free)
    assert told.holds == counters.holds
    assert free_now(told) == max(0, free - counters.holds)
    assert place_is_free(told) == (free > counters.holds)


@given(counters)
def test_accepting_a_held_person_leaves_available_as_it_was(counters: Places) -> None:
    if place_is_free(counters):
        held = hold(counters)
        assert free_now(take_held(held)) == free_now(held)


@given(counters, numbers)
def test_a_place_taken_before_the_reading_is_not_given_back_twice(counters: Places, free: int) -> None:
    if place_is_free(counters):
        taken = take(counters)
        told = report(taken, free)
        assert give_back(told, taken.reading) == told
        assert free_now(give_back(taken, taken.reading)) == free_now(counters)


@given(st.integers(0, 60), st.integers(0, 60))
def test_racers_one_after_another_get_exactly_the_free_places(free: int, racers: int) -> None:
    counters, placed = report(Places(), free), 0
    for _ in range(racers):
        try:
            counters = hold(counters)
            placed += 1
        except NoPlace:
            assert free_now(counters) == 0
    assert placed == min(free, racers)


def test_a_negative_reading_is_refused() -> None:
    with pytest.raises(ValueError):
        report(Places(), -1)


@pytest.mark.parametrize(
    ("free", "waiting", "said", "status"),
    [
        (None, None, "", Status.UNKNOWN),
        (None, None, "additional-assessment-required", Status.UNKNOWN),
        (None, 0, "", Status.UNKNOWN),
        (None, 7, "", Status.WAITLIST),
        (None, None, "waitlist", Status.WAITLIST),
        (3, None, "", Status.CAPACITY),
        (3, 7, "waitlist", Status.CAPACITY),
        (3, 0, "additional-assessment-required", Status.ASSESSMENT),
        (0, 0, "", Status.NO_CAPACITY),
        (0, None, "additional-assessment-required", Status.NO_CAPACITY),
        (0, 0, "waitlist", Status.WAITLIST),
        (0, 7, "", Status.WAITLIST),
    ],
)
def test_status_follows_the_written_rule(free: int | None, waiting: int | None, said: str, status: Status) -> None:
    assert capacity_status(free, waiting, said) is status


@given(numbers, numbers)
def test_more_reported_places_never_mean_fewer_available(holds: int, taken: int) -> None:
    row = [available(reported, holds, taken) or 0 for reported in range(90)]
    assert all(less <= more for less, more in pairwise(row))

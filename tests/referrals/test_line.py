"""The order of a waiting list, in the pure module: nothing but urgency and time, and nobody asked twice in vain."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from referral_hub.referrals.line import (
    RANK,
    Waiting,
    in_order,
    next_for,
    next_for_standing,
    passed_by,
    place_in_line,
)

NOW = datetime(2026, 5, 13, 10, tzinfo=UTC)  # a Wednesday
PLACE = UUID(int=99)


def somebody(number: int, priority: str = "ordinary", days: int = 10, **more: object) -> Waiting:
    facts = {"task": UUID(int=number), "number": f"2026/{number}", "priority": priority}
    return Waiting(**{**facts, "since": NOW - timedelta(days=days), **more})  # type: ignore[arg-type]


LINE = [somebody(1, days=30), somebody(2, "urgent", days=1), somebody(3, "priority", days=20), somebody(4, days=40)]
WAITING = st.builds(
    lambda number, priority, days, kept, passed: somebody(
        number,
        priority,
        days,
        kept_until=date(2026, 5, 15) if kept else None,
        asked=frozenset({PLACE}) if passed is not None else frozenset(),
        passed_at=None if passed is None else NOW - timedelta(days=passed),
    ),
    st.integers(1, 10**6), st.sampled_from(sorted(RANK)), st.integers(0, 400), st.booleans(),
    st.one_of(st.none(), st.integers(0, 20)),
)  # fmt: skip
LINES = st.lists(WAITING, max_size=8, unique_by=lambda one: one.task)


def test_urgent_before_priority_before_ordinary_then_by_time() -> None:
    assert [one.number for one in in_order(LINE)] == ["2026/2", "2026/3", "2026/4", "2026/1"]


def test_a_place_is_explained_by_who_is_more_urgent_and_who_came_earlier() -> None:
    own = place_in_line(LINE, UUID(int=1))
    assert own is not None
    assert (own.position, own.of, own.more_urgent, own.earlier) == (4, 4, 2, 1)
    assert place_in_line(LINE, UUID(int=7)) is None


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_depends_on_nothing_but_urgency_and_time(line: list[Waiting], random: object) -> None:
    mixed = list(line)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert in_order(mixed) == in_order(line)
    for before, after in zip(in_order(line), in_order(line)[1:], strict=False):
        assert (RANK[before.priority], before.since) <= (RANK[after.priority], after.since)


@given(LINES)
def test_letting_a_place_pass_or_being_kept_one_moves_nobody(line: list[Waiting]) -> None:
    bare = [replace(one, kept_until=None, asked=frozenset(), passed_at=None) for one in line]
    assert [one.task for one in in_order(line)] == [one.task for one in in_order(bare)]


@given(LINES)
def test_whoever_leaves_moves_the_others_up_and_nobody_down(line: list[Waiting]) -> None:
    for gone in line:
        rest = [one for one in line if one is not gone]
        for one in rest:
            before, after = place_in_line(line, one.task), place_in_line(rest, one.task)
            assert before is not None
            assert after is not None
            assert before.position - after.position in (0, 1)


@given(LINES)
def test_a_freed_place_goes_along_the_line_and_asks_everybody_at_most_once(line: list[Waiting]) -> None:
    asked: list[UUID] = []
    while (turn := next_for(PLACE, line)) is not None:
        asked.append(turn.task)
        line = [replace(one, asked=one.asked | {PLACE}) if one.task == turn.task else one for one in line]
    expected = [one.task for one in in_order(line) if one.kept_until is None and one.task in asked]
    assert asked == expected
    assert len(asked) == len(set(asked))


def test_a_standing_place_is_not_offered_again_to_who_just_let_one_pass() -> None:
    passed = somebody(1, passed_at=NOW - timedelta(days=1))
    told = NOW - timedelta(hours=1)
    assert next_for_standing([passed], told_at=told, now=NOW) is None
    other = somebody(2)
    assert next_for_standing([passed, other], told_at=told, now=NOW) == other
    rested = replace(passed, passed_at=NOW - timedelta(days=8))
    assert next_for_standing([rested, other], told_at=told, now=NOW) == rested


def test_a_place_there_when_the_receiver_said_wait_is_offered_after_a_week_only() -> None:
    fresh, told = somebody(1, days=2), NOW - timedelta(days=3)
    assert next_for_standing([fresh], told_at=told, now=NOW) is None
    assert next_for_standing([fresh], told_at=NOW - timedelta(days=1), now=NOW) == fresh
    assert next_for_standing([somebody(1, days=8)], told_at=told, now=NOW) is not None


def test_those_kept_a_place_or_resting_are_not_passed_by() -> None:
    last = somebody(9, days=0)
    assert passed_by([*LINE, last], last, NOW) == 4
    kept = [replace(LINE[0], kept_until=date(2026, 5, 15)), *LINE[1:]]
    assert passed_by(kept, last, NOW) == 3
    resting = [replace(LINE[0], passed_at=NOW), *LINE[1:]]
    assert passed_by(resting, last, NOW) == 3
    assert passed_by(LINE, somebody(8, "urgent", days=2), NOW) == 0

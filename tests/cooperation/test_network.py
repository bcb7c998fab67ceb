"""Flows add up, filters only leave out, and what is hidden cannot be worked out from what is shown."""

from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral_hub.cooperation.network import (
    Matrix,
    Period,
    Tally,
    matrix,
    matrix_of,
    period_codes,
    period_of,
    without_own,
    year_around,
)
from referral_hub.cooperation.secrecy import SMALL, TOTAL, Published, in_full, published, with_totals

KINDS = ("ops", "pup", "ngo", "kis", "cis", "dps")
kinds = st.sampled_from(KINDS)
months = st.sampled_from([date(2025, month, 1) for month in range(1, 13)] + [date(2026, 1, 1), date(2026, 4, 1)])
tallies = st.lists(
    st.builds(
        Tally,
        sender=kinds,
        receiver=kinds,
        form=st.sampled_from("abc"),
        month=months,
        count=st.integers(0, 9),
    ),
    max_size=40,
)


def tables(rows: int, columns: int, largest: int) -> st.SearchStrategy[Matrix]:
    """Matrices of a given shape; many cells small or empty."""
    counts = st.lists(st.integers(0, largest), min_size=rows * columns, max_size=rows * columns)

    def build(values: list[int]) -> Matrix:
        pairs = product(KINDS[:rows], KINDS[:columns])
        return matrix(
            Tally(sender, receiver, "a", date(2025, 1, 1), count)
            for (sender, receiver), count in zip(pairs, values, strict=True)
        )

    return counts.map(build)


@given(tallies)
def test_totals_equal_the_list(rows: list[Tally]) -> None:
    found = matrix(rows)
    assert found.total == sum(row.count for row in rows)
    assert found.total == sum(map(found.sent_by, found.senders)) == sum(map(found.received_by, found.receivers))
    assert all(found.cells.values())


@given(tallies)
def test_forms_and_quarters_split_the_whole(rows: list[Tally]) -> None:
    whole = matrix(rows)
    assert whole.total == sum(matrix(rows, form=form).total for form in "abc")
    codes = period_codes({row.month for row in rows})
    assert whole.total == sum(matrix(rows, period_of(code) or Period()).total for code in codes if len(code) == 6)
    assert whole.total == sum(matrix(rows, period_of(code) or Period()).total for code in codes if len(code) == 4)


@pytest.mark.parametrize("code", ["x", "2026-5", "2026-", "-1", "20261", "2026-01", "1900", "２０２６", "2026-1 "])
def test_an_unknown_period_is_none(code: str) -> None:
    assert period_of(code) is None


def test_periods_are_whole_months() -> None:
    assert period_of("2026-4") == Period(date(2026, 10, 1), date(2027, 1, 1))
    assert period_of("2026") == Period(date(2026, 1, 1), date(2027, 1, 1))
    assert year_around("2026-4") == "2026"
    assert year_around("2026") is None


def completions(table: Published, top: int) -> Iterator[dict[tuple[str, str], int]]:
    """Every table of counts that agrees with what is shown: hidden cells tried from 0 to `top`."""
    cells = list(product(table.senders, table.receivers))
    choices = [range(top + 1) if table.cell(*cell) is None else (table.cell(*cell) or 0,) for cell in cells]
    lines = [(total, [n for n, (a, b) in enumerate(cells) if total[0] in {TOTAL, a} and total[1] in {TOTAL, b}])
             for total, count in table.shown.items() if TOTAL in total and count is not None]  # fmt: skip
    for values in product(*choices):
        if all(sum(values[n] for n in line) == table.shown[total] for total, line in lines):
            yield dict(zip(cells, values, strict=True))


@settings(max_examples=20, deadline=None)
@given(tables(2, 2, 8))
def test_a_reader_cannot_narrow_a_small_count(table: Matrix) -> None:
    """By trying every table: the shown figures leave each small count anywhere from 0 to 5."""
    found = published(table)
    possible: dict[tuple[str, str], set[int]] = {}
    for guess in completions(found, 12):
        for cell, value in guess.items():
            possible.setdefault(cell, set()).add(value)
    for cell, value in table.cells.items():
        if value < SMALL:
            assert set(range(SMALL + 1)) <= possible[cell]


def slack(table: Published, values: dict[tuple[str, str], int], cell: tuple[str, str], up: bool) -> int:
    """How far a hidden cell may move, by plain augmenting paths: written apart from the product."""
    moved = dict(values)
    hidden = {key for key, value in table.shown.items() if value is None}

    def ends(key: tuple[str, str]) -> tuple[str, str]:
        row, column = f"r{key[0]}", f"c{key[1]}"
        return (column, row) if (key[0] == TOTAL) != (key[1] == TOTAL) else (row, column)

    source, target = ends(cell)[::-1] if up else ends(cell)
    for units in range(SMALL + 1):
        came: dict[str, tuple[str, tuple[str, str], int]] = {}
        front = [source]
        while front and target not in came:
            node = front.pop()
            for key in hidden - {cell}:
                start, end = ends(key)
                for a, b, step in ((start, end, 1), (end, start, -1)):
                    if a == node and b not in came and b != source and moved[key] + step >= 0:
                        came[b] = (node, key, step)
                        front.append(b)
        if target not in came:
            return units
        node = target
        while node != source:
            node, key, step = came[node]
            moved[key] += step
    return SMALL + 1


@settings(max_examples=80, deadline=None)
@given(tables(5, 6, 7) | tables(6, 3, 30) | tables(1, 5, 9) | tables(4, 4, 3))
def test_small_counts_are_safe_in_larger_tables(table: Matrix) -> None:
    found, values = published(table), with_totals(table)
    for cell, value in values.items():
        if 0 < value < SMALL:
            assert found.shown[cell] is None
            assert slack(found, values, cell, up=True) >= SMALL - value
            assert slack(found, values, cell, up=False) >= value


@given(tables(4, 4, 9))
def test_what_is_shown_is_true_and_zeros_stay(table: Matrix) -> None:
    found, values = published(table), with_totals(table)
    assert all(value in {None, values[cell]} for cell, value in found.shown.items())
    assert all(value is None or not 0 < value < SMALL for value in found.shown.values())
    if not any(0 < value < SMALL for value in values.values()):
        assert not found.hides
    assert in_full(table).shown == values


def test_the_grand_total_is_kept_where_one_count_is_small() -> None:
    rows = [Tally(a, b, "a", date(2025, 1, 1), 20) for a in KINDS for b in KINDS if (a, b) != ("ops", "pup")]
    table = matrix([*rows, Tally("ops", "pup", "a", date(2025, 1, 1), 3)])
    found = published(table)
    hidden = [cell for cell, value in found.shown.items() if value is None]
    assert len(hidden) == 4
    assert all(TOTAL not in cell for cell in hidden)
    assert found.cell(TOTAL, TOTAL) == table.total


@settings(max_examples=60, deadline=None)
@given(tallies)
def test_subtracting_one_form_from_all_reveals_no_small_count(rows: list[Tally]) -> None:
    whole = matrix(rows)
    table, all_forms = published(matrix(rows, form="a"), [whole]), published(whole)
    for cell, value in table.shown.items():
        together = all_forms.shown[cell]
        if value and together is not None:
            assert not 0 < together - value < SMALL


def test_the_order_of_kinds_tells_no_hidden_total() -> None:
    def order(first: int, second: int) -> tuple[str, ...]:
        cells = {("ops", "ngo"): first, ("pup", "ngo"): second, ("kis", "ngo"): 30}
        return published(matrix_of(cells)).senders

    assert order(1, 4) == order(4, 1)


def test_whoever_takes_away_its_own_share_finds_no_small_count() -> None:
    day = date(2025, 1, 1)
    rows = [
        Tally("kis", "ngo", "a", day, 12, own=10), Tally("ops", "ngo", "a", day, 30),
        Tally("kis", "pup", "a", day, 9, own=9), Tally("ops", "pup", "a", day, 20),
    ]  # fmt: skip
    assert not published(matrix(rows)).hides, "for the club, and for whoever knows of none of them"
    told = published(matrix(rows), others=(matrix(without_own(rows)), []))
    assert told.cell("kis", "ngo") is None
    assert told.cell("kis", TOTAL) is None or told.cell("kis", "pup") is None
    assert told.cell("ops", "ngo") is None or told.cell(TOTAL, "ngo") is None

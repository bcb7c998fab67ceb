"""The picture and the CSV show what the published table shows, no more, and readably."""

import csv
import io
import re
from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from referral_hub.cooperation.csv_table import as_csv
from referral_hub.cooperation.layout import LEAST, OTHERS, Picture, draw
from referral_hub.cooperation.network import Matrix, Tally, matrix
from referral_hub.cooperation.secrecy import in_full, published
from referral_hub.web.csv_text import safe

KINDS = [f"kind{number}" for number in range(14)]
matrices = st.lists(
    st.builds(
        Tally,
        sender=st.sampled_from(KINDS),
        receiver=st.sampled_from(KINDS),
        form=st.just("a"),
        month=st.just(date(2025, 1, 1)),
        count=st.integers(0, 30),
    ),
    max_size=70,
).map(matrix)


def sides(picture: Picture) -> list[list[float]]:
    """Label heights of either side, from the top."""
    return [[node.label_y for node in picture.nodes if node.side == side] for side in ("from", "to")]


@settings(deadline=None)
@given(matrices)
def test_labels_never_touch_and_all_fits(table: Matrix) -> None:
    picture = draw(published(table))
    for labels in sides(picture):
        assert all(below - above >= LEAST for above, below in pairwise(labels))
    numbers = [float(n) for ribbon in picture.ribbons for n in re.findall(r"[\d.]+", ribbon.path)]
    assert all(0 <= number <= max(picture.width, picture.height) for number in numbers)
    assert sum(node.side == "from" for node in picture.nodes) <= 10


@settings(deadline=None)
@given(matrices)
def test_the_picture_counts_what_the_table_counts(table: Matrix) -> None:
    picture = draw(in_full(table))
    assert sum(ribbon.count or 0 for ribbon in picture.ribbons) == table.total
    assert sum(node.total or 0 for node in picture.nodes if node.side == "from") == table.total
    assert sum(node.total or 0 for node in picture.nodes if node.side == "to") == table.total


@settings(deadline=None)
@given(matrices)
def test_the_picture_tells_no_hidden_count(table: Matrix) -> None:
    found = published(table)
    picture = draw(found)
    for ribbon in picture.ribbons:
        if OTHERS in {ribbon.sender, ribbon.receiver}:
            assert ribbon.count is None or ribbon.count >= 5
        else:
            assert ribbon.count == found.cell(ribbon.sender, ribbon.receiver)


def test_two_networks_that_publish_alike_look_alike() -> None:
    """Hidden 1 and 4 against hidden 2 and 3: same published table, same picture."""
    pictures = []
    for small, rest in ((1, 4), (2, 3)):
        cells = {("a", "x"): small, ("a", "y"): rest, ("b", "x"): rest, ("b", "y"): small}
        cells |= {("c", "x"): 40, ("c", "y"): 40, ("a", "z"): 50, ("b", "z"): 50, ("c", "z"): 50}
        table = published(matrix(Tally(*pair, "f", date(2025, 1, 1), count) for pair, count in cells.items()))
        pictures.append((table.shown, draw(table)))
    assert pictures[0] == pictures[1]


def test_an_empty_network_draws_an_empty_picture() -> None:
    picture = draw(published(matrix([])))
    assert picture.nodes == ()
    assert picture.ribbons == ()


def test_the_csv_reads_back_with_totals_that_add_up() -> None:
    table = matrix(
        [
            Tally("ops", "=cmd", "a", date(2025, 1, 1), 12),
            Tally("ops", "ngo", "a", date(2025, 1, 1), 8),
            Tally("kis", "ngo", "a", date(2025, 1, 1), 9),
        ]
    )
    text = as_csv(published(table), str, "kto kieruje", "razem", "<5")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0] == ["kto kieruje", "ngo", "'=cmd", "razem"]
    assert rows[-1] == ["razem", "17", "12", "29"]
    for row in rows[1:]:
        assert sum(map(int, row[1:-1])) == int(row[-1])


def test_hidden_counts_are_hidden_in_the_csv_too() -> None:
    table = matrix([Tally("ops", "ngo", "a", date(2025, 1, 1), 3), Tally("ops", "kis", "a", date(2025, 1, 1), 30)])
    text = as_csv(published(table), str, "z", "razem", "<5")
    assert ";3;" not in text
    assert ";3\r" not in text
    assert "<5" in text


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert safe(text).endswith(text)

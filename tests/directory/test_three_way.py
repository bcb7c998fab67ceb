"""Two editors at once: nothing either of them typed is lost, whatever the interleaving."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from referral_hub.directory.three_way import settle, three_way

BASE = {"title": "Prawnik", "cost": "bezpłatnie", "needs": ["praca", "dom"], "age_from": None}
VALUES = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["a", "b", "c"]),
        "age_from": st.sampled_from([None, 1, 2]),
        "needs": st.lists(st.sampled_from("xyz"), unique=True),
    }
)


def test_changes_in_different_fields_are_both_kept() -> None:
    merged = three_way(BASE, {**BASE, "cost": "20 zł"}, {**BASE, "title": "Prawniczka"})
    assert merged.values == {**BASE, "cost": "20 zł", "title": "Prawniczka"}
    assert merged.kept == ["cost"]
    assert not merged.clashes


def test_one_field_changed_twice_is_asked_about_and_mine_is_not_lost() -> None:
    merged = three_way(BASE, {**BASE, "title": "Ich"}, {**BASE, "title": "Moje"})
    assert merged.values["title"] == "Moje"
    assert (merged.clashes["title"].theirs, merged.clashes["title"].mine) == ("Ich", "Moje")


def test_the_same_change_twice_is_one() -> None:
    merged = three_way(BASE, {**BASE, "title": "Nowa"}, {**BASE, "title": "Nowa"})
    assert (merged.values["title"], merged.kept, merged.clashes) == ("Nowa", [], {})


def test_codes_are_merged_as_sets() -> None:
    merged = three_way(BASE, {**BASE, "needs": ["dom", "zdrowie"]}, {**BASE, "needs": ["praca", "dom", "dlugi"]})
    assert set(merged.values["needs"]) == {"dom", "zdrowie", "dlugi"}
    assert merged.kept == ["needs"]
    assert not merged.clashes


def test_not_knowing_the_start_asks_wherever_it_differs() -> None:
    merged = three_way({}, {**BASE, "title": "Ich"}, {**BASE, "title": "Moje"})
    assert set(merged.clashes) == {"title"}


def test_a_choice_counts_only_for_what_was_shown() -> None:
    theirs: dict[str, Any] = {**BASE, "title": "Ich"}
    merged = three_way(BASE, theirs, {**BASE, "title": "Moje"})
    values, left = settle(merged, {"title": "theirs"}, {"title": "Ich"}, theirs)
    assert (values["title"], left) == ("Ich", {})
    values, left = settle(merged, {"title": "mine"}, {"title": "Ich"}, theirs)
    assert (values["title"], left) == ("Moje", {})
    for chosen, shown in (({"title": "mine"}, {"title": "Dawniej"}), ({"title": "x"}, {"title": "Ich"}), ({}, {})):
        assert set(settle(merged, chosen, shown, theirs)[1]) == {"title"}


@given(base=VALUES, theirs=VALUES, mine=VALUES)
def test_no_change_of_either_side_disappears_unsaid(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    merged = three_way(base, theirs, mine)
    for name in ("title", "age_from"):
        value = merged.values[name]
        if name in merged.clashes:
            assert base[name] != theirs[name] != mine[name] != base[name]
        elif mine[name] != base[name]:
            assert value == mine[name]
        else:
            assert value == theirs[name]
            assert (name in merged.kept) == (theirs[name] != base[name])
    needs = set(merged.values["needs"])
    for added in (theirs, mine):
        assert set(added["needs"]) - set(base["needs"]) <= needs
    for taken in (theirs, mine):
        other = mine if taken is theirs else theirs
        gone = set(base["needs"]) - set(taken["needs"])
        assert not (gone & needs) or not (gone & needs) - (set(other["needs"]) - set(base["needs"]))


@given(base=VALUES, theirs=VALUES, mine=VALUES)
def test_who_comes_first_makes_no_difference_without_a_clash(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    one, other = three_way(base, theirs, mine), three_way(base, mine, theirs)
    assert set(one.clashes) == set(other.clashes)
    for name in base:
        if name not in one.clashes:
            left, right = one.values[name], other.values[name]
            assert set(left) == set(right) if isinstance(left, list) else left == right

"""Telephone cells of registers, every way they are written."""

import pytest

from referral_hub.institutions.phones import Phone, is_mobile, pretty, read_phones


def numbers(cell: str) -> list[str]:
    return [phone.number for phone in read_phones(cell).found]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("14 611 00 28", ["146110028"]),
        ("134470041", ["134470041"]),
        ("(33) 846-64-21 (33) 846-64-22", ["338466421", "338466422"]),
        ("14 68 46 075 14 68 46 032 506 630 372", ["146846075", "146846032", "506630372"]),
        ("32/642 84 67", ["326428467"]),
        ("+48 12 630 00 12", ["126300012"]),
        ("0048126300012", ["126300012"]),
        ("(012) 634 42 66", ["126344266"]),
        ("18) 445 21 62", ["184452162"]),
        ("1.14 684 40 10 2.14 684 40 11", ["146844010", "146844011"]),
        ("18 440 66 28,18 440 66 24,18 440 66 43", ["184406628", "184406624", "184406643"]),
        ("14 644 24 23 14 644 24 23 w godzinach od 7.30 do 15.30", ["146442423"]),
        ("tel. 41 381 33 83 godz. 7.00 do 15.00", ["413813383"]),
        ("pon.-pt. 7.00-15.00 tel.14 650 13 92. oraz 512 259 253", ["146501392", "512259253"]),
        ("33 823 26 47 pon. 7-16 wt.- czw.7-15 pt.7-14", ["338232647"]),
        ("192 88 czynny codziennie", ["19288"]),
        ("telefon zaufania 116 123", ["116123"]),
        ("brak", []),
        ("", []),
    ],
)
def test_numbers_are_taken_where_nine_digits_stand_together(cell: str, expected: list[str]) -> None:
    assert numbers(cell) == expected


@pytest.mark.parametrize(
    ("cell", "leftover"),
    [
        ("12 270 2 04 wew. 121", "12 270 2 04"),
        ("18 334 70 85 51219995", "51219995"),
        ("18 354-xx-xx", "18 354"),
        ("18 414 14 83 lub 414 24 84", "414 24 84"),
    ],
)
def test_an_incomplete_number_is_left_out_and_named(cell: str, leftover: str) -> None:
    assert read_phones(cell).leftovers == (leftover,)


def test_an_extension_belongs_to_the_number_before_it() -> None:
    found = read_phones("12-3894001 wew. 18 884295024, 14 678 46 78 w.134, 18 268 85 82 wew. 71,74,75").found
    assert [(one.number, one.extension) for one in found] == [
        ("123894001", "18"),
        ("884295024", ""),
        ("146784678", "134"),
        ("182688582", "71,74,75"),
    ]


def test_a_fax_is_told_from_a_telephone() -> None:
    found = read_phones("tel. 18 352 53 80 fax. 18 352 53 81, 14 615 39 20 (fax) tel./fax 12 256 33 08").found
    assert [(one.number, one.kind) for one in found] == [
        ("183525380", "phone"),
        ("183525381", "fax"),
        ("146153920", "fax"),
        ("122563308", "phone"),
    ]


def test_a_number_that_is_both_is_a_telephone_once() -> None:
    assert [one.kind for one in read_phones("33 823 28 18 fax 33 823 28 18").found] == ["phone"]


@pytest.mark.parametrize(
    ("cell", "around_the_clock"),
    [
        ("14 68 58 555 661 391 365 (24h)", ["661391365"]),
        ("tel. całodobowy: 512 026 661, 12 283 30 31", ["512026661"]),
        ("18 268 15 76 całodobowy nr tel.: 536 788 970", ["536788970"]),
        ("12 278 20 00 - całodobowy 730 201 771 - całodobowy", ["122782000", "730201771"]),
        ("502 903 567 (brak nr całodobowego)", []),
        ("18 262 46 01, brak całodobowego", []),
        ("607 107 775 nie posiadamy nr tel. całodobowego", []),
    ],
)
def test_a_line_is_round_the_clock_only_where_the_cell_says_so(cell: str, around_the_clock: list[str]) -> None:
    assert [one.number for one in read_phones(cell).found if one.all_day] == around_the_clock


def test_words_in_brackets_become_the_label() -> None:
    assert read_phones("534 597 401 (psycholog)").found == (Phone("534597401", "mobile", label="psycholog"),)


def test_helplines_are_known_by_number_or_name() -> None:
    kinds = {one.number: one.kind for one in read_phones("infolinia 668 994 230, tel. 12 630 00 12, 800 120 121").found}
    assert kinds == {"668994230": "helpline", "126300012": "phone", "800120121": "helpline"}


def test_numbers_are_written_as_people_write_them() -> None:
    assert (pretty("146578383"), pretty("601123456"), pretty("19288")) == ("14 657 83 83", "601 123 456", "19288")
    assert is_mobile("601123456")
    assert not is_mobile("146578383")


def test_an_unallotted_number_is_kept_but_doubted() -> None:
    (phone,) = read_phones("10 000 00 00").found
    assert not phone.likely

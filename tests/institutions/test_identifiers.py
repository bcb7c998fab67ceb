"""Numbers of registers: one spelling, and a name for what is wrong with them."""

import pytest

from referral_hub.institutions.identifiers import SCHEMES, check_identifier


@pytest.mark.parametrize(
    ("scheme", "text", "value"),
    [
        ("nip", "PL 856-734-62-15", "8567346215"),
        ("nip", "8567346215", "8567346215"),
        ("regon", "192598184", "192598184"),
        ("regon", "123456785 12347", "12345678512347"),
        ("krs", "28860", "0000028860"),
        ("terc", "1201011", "120101"),
        ("terc", "1201", "1201"),
        ("rjps", " 2872 ", "2872"),
    ],
)
def test_a_good_number_has_one_spelling(scheme: str, text: str, value: str) -> None:
    found = check_identifier(scheme, text)
    assert (found.value, found.problem) == (value, "")


@pytest.mark.parametrize(
    ("scheme", "text", "problem"),
    [
        ("nip", "8567346216", "check_digit"),
        ("nip", "85673462", "length"),
        ("nip", "85673462AB", "format"),
        ("regon", "192598183", "check_digit"),
        ("krs", "12345678901", "length"),
        ("krs", "0", "length"),
        ("krs", "KRS1", "format"),
        ("terc", "120", "length"),
        ("terc", "١٢", "format"),
        ("rjps", "", "format"),
        ("rjps", "a b", "format"),
        ("pesel", "44051401458", "unknown_scheme"),
    ],
)
def test_what_is_wrong_has_a_name(scheme: str, text: str, problem: str) -> None:
    assert check_identifier(scheme, text).problem == problem


def test_no_number_of_a_person_is_among_the_schemes() -> None:
    assert "pesel" not in SCHEMES

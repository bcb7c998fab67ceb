"""A receiver sees by stage, a PESEL is found in words, case codes say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.participants.basis import SHAREABLE
from referral_hub.participants.case_codes import ALPHABET, new_case_code
from referral_hub.participants.free_text import holds_pesel, warnings_in
from referral_hub.participants.seen import STUB, SUMMARY, view_of_person

FIELDS = st.sets(st.sampled_from([*SHAREABLE, "pesel", "password"]))


@given(FIELDS)
def test_only_disclosed_shows_what_the_basis_names_and_never_more(fields: set[str]) -> None:
    assert view_of_person("none", fields) == ()
    assert view_of_person("summary", fields) == SUMMARY
    assert view_of_person("own_record", fields) == STUB
    assert set(view_of_person("disclosed", fields)) == set(SUMMARY) | (fields & set(SHAREABLE))
    assert view_of_person("everything", fields) == ()


@pytest.mark.parametrize("text", ["PESEL 44051401359.", "44051401359", "nr 440514-01359"])
def test_a_pesel_is_found_in_words(text: str) -> None:
    assert holds_pesel(text)


@pytest.mark.parametrize("text", ["tel. 600 700 800", "44051401358", "12345678901", "+48 600 700 800", ""])
def test_other_numbers_are_no_pesel(text: str) -> None:
    assert not holds_pesel(text)


@pytest.mark.parametrize("text", ["leczy się na schizofrenię", "rozpoznanie F20.0", "po próbie, depresja"])
def test_hints_of_a_diagnosis_warn(text: str) -> None:
    assert warnings_in(text) == ["words_tell_diagnosis"]


@pytest.mark.parametrize("text", ["szuka pracy, może od środy", "rakieta tenisowa", "Sala B, piętro 2"])
def test_plain_words_do_not_warn(text: str) -> None:
    assert warnings_in(text) == []


def test_case_codes_are_readable_and_differ() -> None:
    codes = {new_case_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(set(code) <= {*ALPHABET, "-"} and len(code) == 7 for code in codes)

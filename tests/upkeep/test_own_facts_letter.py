"""The letter about a corrected fact."""

import re

import pytest

from referral_hub.mail.actions import compose


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
def test_the_letter_says_what_changed_and_nothing_personal(language: str) -> None:
    facts = {"institution": "Ośrodek", "what": ["absence", "phone"], "link": "http://hub.test/c/x"}
    text = compose("biuro@osrodek.example", "own_facts_changed", language, facts).get_content()
    assert "http://hub.test/c/x" in text
    assert text.count("\n- ") == 2
    assert not re.search(r"\d{3}", text)

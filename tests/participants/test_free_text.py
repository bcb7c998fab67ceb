"""Words are looked at again where they tell a diagnosis, or more than the person agreed to."""

import pytest

from referral_hub.participants.basis import SHAREABLE
from referral_hub.participants.free_text import cautions_about

INSIDE = [
    "Choruje na schizofrenię",
    "F20.0, leczy się od roku",
    "bierze sertralinę rano",
    "po pobycie na oddziale psychiatrycznym",
    "ma Rispolept i Ketrel",
    "stwierdzono zaburzenia lękowe",
]
PLAIN = [
    "",
    "Proszę dzwonić po 15, osoba pracuje.",
    "Potrzebuje dowozu, przyjdzie z dzieckiem.",
    "Umówiona na 12.05.2026, sala A12",
    "Chętnie weźmie udział w warsztatach i uczy się polskiego.",
    "Numer zgłoszenia 2026/0123",
]


@pytest.mark.parametrize("text", INSIDE)
def test_a_diagnosis_or_a_medicine_is_asked_about_even_inside(text: str) -> None:
    assert cautions_about(text) == ["words_tell_diagnosis"]
    assert "words_tell_diagnosis" in cautions_about(text, agreed=SHAREABLE)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_pass(text: str) -> None:
    assert cautions_about(text) == []
    assert cautions_about(text, agreed=()) == []


@pytest.mark.parametrize(
    ("text", "field", "code"),
    [
        ("Pani Nowak czeka", "label", "words_tell_name"),
        ("Anna Kowalska przyjdzie sama", "label", "words_tell_name"),
        ("ur. 12.03.1980", "label", "words_tell_name"),
        ("tel. 600 700 800", "contact", "words_tell_contact"),
        ("pisać na jan@poczta.example", "contact", "words_tell_contact"),
        ("mieszka przy dworcu", "contact", "words_tell_contact"),
        ("wyszedł z zakładu karnego", "groups", "words_tell_group"),
        ("osoba bezdomna od roku", "groups", "words_tell_group"),
    ],
)
def test_more_than_was_agreed_is_asked_about_and_what_was_agreed_is_not(text: str, field: str, code: str) -> None:
    others = [name for name in SHAREABLE if name != field]
    assert cautions_about(text, agreed=others) == [code]
    assert cautions_about(text, agreed=SHAREABLE) == []
    assert cautions_about(text) == []

"""Letters as paper: what is scanned is what is typed, everything drawn is tagged, letters are large enough."""

import pytest

from referral_hub.documents.card import card
from referral_hub.documents.certificate import certificate
from referral_hub.documents.typesetting import typeset
from tests.documents.drawn import codes_on, elements, smallest_letters, untagged
from tests.documents.test_letters import LETTERS, NOW, card_of, certificate_of

FULL = {
    "what": "Terapia uzależnień dla dorosłych, grupa otwarta",
    "travel": "Autobus 3 i 9, przystanek Próbna; wejście od podwórza, jest winda i dzwonek na wysokości 110 cm",
    "phone": "14 600 10 20",
    "hours": "pn.–pt. 8.00–16.00, śr. do 18.00, w wakacje do 14.00, w ostatni piątek miesiąca nieczynne",
    "notices": ("24–31 grudnia nieczynne; w sprawach pilnych telefon 14 600 10 21",),
    "day": "środa, 3 czerwca 2026, 10:30, pokój 12",
    "first_step": "Zadzwoń i umów pierwszą rozmowę; trwa około godziny i można przyjść z kimś bliskim",
    "papers": "Dowód osobisty, zaświadczenie z urzędu pracy, jeśli je masz, i karta z ostatniej wizyty",
    "cost": "bezpłatnie",
    "sender_phone": "14 555 01 01",
    "bearer": (("imię i nazwisko", "Żaneta Próbna-Zażółć"), ("kontakt", "600 700 800"), ("kod sprawy", "K7F-3A9")),
}


def test_the_code_scanned_on_each_page_is_the_address_drawn() -> None:
    pdf = typeset(card(card_of("pl", **FULL), card_of("uk", **FULL)), NOW)
    assert codes_on(pdf) == [["https://hub.example/p/secret"]] * 2, "the fullest card stands on one page a language"
    assert codes_on(typeset(card(card_of("pl", code="")), NOW)) == [[]]


@pytest.mark.parametrize("name", LETTERS)
def test_everything_drawn_is_tagged_and_every_picture_has_words(name: str) -> None:
    pdf = typeset(LETTERS[name][0], NOW)
    assert untagged(pdf) == []
    pictures = [one for one in elements(pdf) if one.get("/S") == "/Figure"]
    assert all(str(one["/Alt"]) for one in pictures)
    assert len(pictures) == (2 if name == "card" else 0)
    # A table of five columns may be set smaller than what is read on.
    assert smallest_letters(pdf) >= (12 if name in ("disclosures", "certificate", "withdrawal") else 14)


def test_the_second_sheet_says_its_own_language() -> None:
    pdf = typeset(certificate(certificate_of("pl"), certificate_of("uk")), NOW)
    assert {str(one["/Lang"]) for one in elements(pdf) if "/Lang" in one} == {"uk"}

"""The files of the demonstration network keep what the issue promises."""

import re
from collections import Counter

import phonenumbers

from referral_hub.demo.network import institutions, offers, people, public_readings, sources
from referral_hub.geography.units import units
from referral_hub.vocabularies.book import words

PHONE_OF_EXAMPLE = re.compile(r"14 555 0[12] \d\d")


def codes(vocabulary: str) -> set[str]:
    return {word.code for word in words(vocabulary, retired=True)}


def test_network_has_80_to_150_institutions_of_at_least_20_kinds() -> None:
    assert 80 <= len(institutions()) <= 150
    assert len({institution.kind for institution in institutions()}) >= 20
    assert {institution.kind for institution in institutions()} <= codes("kind")


def test_keys_are_unique() -> None:
    for keys in (
        [institution.key for institution in institutions()],
        [(offer.at, offer.key) for offer in offers()],
        [person.key for person in people()],
    ):
        assert [key for key, times in Counter(keys).items() if times > 1] == []


def test_every_institution_names_its_source_and_offers_something() -> None:
    offering = {offer.at for offer in offers()}
    for institution in institutions():
        source = sources()[institution.source]
        assert institution.is_example == (source.kind == "example")
        assert institution.is_example or source.as_of is not None
        assert institution.key in offering, institution.key


def test_invented_institutions_cannot_be_mistaken_for_real_ones() -> None:
    for institution in institutions():
        if institution.is_example:
            assert "(przykład)" in institution.name
            assert institution.email.endswith(".example")
            assert institution.www.endswith(".example")
            assert PHONE_OF_EXAMPLE.fullmatch(institution.phone)
            assert phonenumbers.is_valid_number(phonenumbers.parse(institution.phone, "PL"))
        else:
            assert "przykład" not in institution.name.lower()
            assert ".example" not in institution.email + institution.www


def test_every_institution_stands_in_one_gmina_of_the_region() -> None:
    for institution in institutions():
        assert institution.terc in units(), institution.key
        assert institution.terc[:4] in {"1201", "1202", "1204", "1216", "1263"}


def test_every_form_need_and_audience_is_covered_by_an_offer() -> None:
    assert codes("form") == {offer.form for offer in offers()}
    assert codes("need") == {need for offer in offers() for need in offer.needs}
    assert codes("audience") == {group for offer in offers() for group in offer.groups}


def test_every_offer_has_a_first_step_and_a_cost_in_words() -> None:
    for offer in offers():
        assert offer.title
        assert offer.first
        assert offer.cost
        assert len(offer.title) <= 70, offer.title
        assert all(area in units() for area in offer.area), offer.area
        assert "klient" not in f"{offer.title} {offer.text} {offer.first}".lower()


def test_shelters_from_violence_are_marked_sensitive() -> None:
    for offer in offers():
        if offer.form == "schronienie":
            assert offer.sensitive, (offer.at, offer.key)


def test_real_homes_carry_only_real_numbers() -> None:
    invented = {institution.key for institution in institutions() if institution.is_example}
    for offer in offers():
        assert offer.state in ("none", "real") or offer.at in invented
    for row in public_readings():
        assert row.institution not in invented


def test_people_are_forty_clearly_invented_and_known_to_several_institutions() -> None:
    assert len(people()) == 40
    assert len({person.owner for person in people()}) >= 5
    for person in people():
        assert person.label.startswith("Osoba Przykładowa")
        assert PHONE_OF_EXAMPLE.fullmatch(person.phone)
        assert set(person.groups) <= codes("audience")
        assert set(person.needs) <= codes("need")
        assert person.terc in units()

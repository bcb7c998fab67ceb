"""Names of institutions and e-mail addresses in cells of registers."""

import pytest

from referral_hub.institutions.mailboxes import names_person, read_mailboxes
from referral_hub.institutions.names import clean_name, is_distinctive, name_key


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ("Gminny Ośrodek Pomocy Społecznej w Laskowej", "GOPS Laskowa", "Laskowa"),
        ("Gminny Ośrodek Pomocy Społecznej", "Gminny  Ośrodek Pomocy Społecznej w Dębnie", "Dębno"),
        ("Miejsko - Gminny Ośrodek Pomocy Społecznej w Nowym Sączu", "MGOPS Nowy Sącz", "Nowy Sącz"),
        ("OPS w Ropie", "Ośrodek pomocy społecznej Ropa", "Ropa"),
        ("Gminny Ośrodek Pomocy Społecznej w Bolesławiu (pow. olkuski)", "GOPS w Bolesławiu", "Bolesław"),
    ],
)
def test_two_spellings_of_one_name_share_a_key(one: str, other: str, place: str) -> None:
    assert name_key(one, place) == name_key(other, place)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Miejski Ośrodek Pomocy Społecznej Filia nr 1", "Miejski Ośrodek Pomocy Społecznej Filia nr 9"),
        ("Gminny Ośrodek Pomocy Społecznej w Tarnowie", "Miejski Ośrodek Pomocy Społecznej w Tarnowie"),
        ("Punkt Konsultacyjny", "Punkt Konsultacyjno-Informacyjny"),
    ],
)
def test_different_institutions_keep_different_keys(one: str, other: str) -> None:
    assert name_key(one, "Tarnów") != name_key(other, "Tarnów")


def test_a_name_is_cleaned_of_what_is_no_name() -> None:
    assert clean_name("- Auxilium Próbne 14 692 00 25") == ("Auxilium Próbne", "14 692 00 25")
    assert clean_name("Klub ''Watra") == ('Klub "Watra"', "")
    assert clean_name("Poradnia w Drwini.")[0] == "Poradnia w Drwini"
    assert clean_name("Spółka z o. o.")[0] == "Spółka z o. o."
    assert clean_name('Dom "Próba" - siedziba ul. Długa 1 33-300 Nowy Sącz')[0] == 'Dom "Próba"'


def test_a_patron_or_quotes_make_a_name_distinctive() -> None:
    assert is_distinctive("Dom Pomocy Społecznej im. św. Brata Alberta w Tarnowie")
    assert is_distinctive("Dom ''Diana'' w Kasince")
    assert not is_distinctive("Dom Pomocy Społecznej w Krakowie")


@pytest.mark.parametrize(
    "address",
    ["jan.kowalski@x.example", "a.nowicka@x.example", "annakowalska@x.example",
     "malgorzata_nowak@x.example", "kowalski.jan@x.example"],
)  # fmt: skip
def test_an_address_that_names_a_person_is_seen(address: str) -> None:
    assert names_person(address)


@pytest.mark.parametrize(
    "address",
    ["sekretariat@x.example", "p.socjalni@x.example", "gops.gorlice@x.example", "kp.alwernia@x.example",
     "pomoc.spoleczna@x.example", "kierownik.mgops@x.example", "ops_muszyna@x.example", "maria@x.example",
     "konsultant.kryzysowy@x.example", "cus-alwernia@x.example"],
)  # fmt: skip
def test_an_office_is_not_taken_for_a_person(address: str) -> None:
    assert not names_person(address)


def test_every_address_of_a_cell_is_read_once() -> None:
    found = read_mailboxes("Biuro@X.example; biuro@x.example, zły@adres, pomoc@skała.example brak")
    assert [(box.value, box.problem) for box in found] == [
        ("Biuro@x.example", ""),
        ("zły@adres", "invalid"),
        ("pomoc@xn--skaa-21a.example", ""),
    ]

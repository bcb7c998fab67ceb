"""Forms, audiences, addresses and answers recognised in free text."""

import pytest

from referral_hub.exchange.registers import forms
from referral_hub.exchange.registers.accessibility import read_answer, read_features
from referral_hub.exchange.registers.addresses import read_addresses
from referral_hub.exchange.registers.gminy import Gminy, voivodeship_of
from referral_hub.exchange.registers.parts import area_of
from referral_hub.exchange.same import same_address
from referral_hub.geography.units import localities, units
from referral_hub.vocabularies import book


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("poradnictwo, wsparcie, informacja", {"poradnictwo_ogolne"}),
        ("poradnictwo psychologiczne, prawne i socjalne", {"por_psychologiczne", "por_prawne"}),
        ("Porady psychologów oraz prawników", {"por_psychologiczne", "por_prawne"}),
        ("nieodpłatna pomoc prawna i poradnictwo obywatelskie", {"por_obywatelskie"}),
        ("praca socjalna", {"praca_socjalna"}),
        ("grupy wsparcia; grupa samopomocowa AA", {"gr_wsparcia", "gr_samopomocowa"}),
        ("terapia uzależnień, psychoterapia", {"terapia_uzaleznien", "leczenie_psych"}),
        ("interwencja kryzysowa, hostel, mediacje", {"interwencja", "pobyt_calodobowy", "mediacja"}),
        ("świetlica dla dzieci, obiady", {"wsparcie_dzienne", "posilek"}),
        ("staż, roboty publiczne, prace interwencyjne", {"staz", "roboty_publiczne", "prace_interwencyjne"}),
        ("nie prowadzi terapii uzależnień, grup wsparcia ani mediacji", {"inna"}),
        ("brak psychologa i prawnika, jest pracownik socjalny", {"praca_socjalna"}),
        ("nie tylko mediacje", {"mediacja"}),
        ("kierowanie na terapię uzależnień", {"inna"}),
        ("informacja o grupach wsparcia", {"poradnictwo_ogolne"}),
        ("mediacje, z wyjątkiem poradnictwa prawnego", {"mediacja"}),
        ("nie udziela schronienia, ale prowadzi grupę wsparcia", {"gr_wsparcia"}),
        ("planowana grupa wsparcia", {"inna"}),
        ("konsultacje z terapeutą leczenia uzależnień", {"poradnictwo_ogolne"}),
        ("wsparcie osób po zakończonej psychoterapii", {"inna"}),
        ("finansowanie kosztów szkoleń", {"inna"}),
        ("", {"inna"}),
    ],
)
def test_a_form_is_recognised_where_the_text_says_it_is_there(text: str, expected: set[str]) -> None:
    assert set(forms.recognise_forms(text)) == expected


def test_specialists_tell_forms_too_but_a_therapist_is_not_yet_a_therapy() -> None:
    assert forms.recognise_forms("wsparcie", "psycholog, radca prawny, mediator") == (
        "por_psychologiczne", "por_prawne", "mediacja",
    )  # fmt: skip
    assert forms.recognise_forms("wsparcie", "terapeuta uzależnień") == ("inna",)


def test_a_kind_brings_what_it_is_for() -> None:
    assert forms.recognise_forms("", "", "oik") == ("interwencja",)


def test_every_code_is_a_word_of_the_vocabularies() -> None:
    known = [code for code, _ in forms.FORMS] + [code for ones in forms.BY_KIND.values() for code in ones]
    assert all(book.is_known("form", code) for code in known)
    assert all(book.is_known("need", code) for code, _ in forms.NEEDS)
    assert all(book.is_known("audience", code) for code, _ in forms.AUDIENCES)
    assert all(book.is_known("kind", code) for code in forms.BY_KIND)


def test_audiences_and_needs_only_where_named() -> None:
    assert forms.recognise_audiences("dla osób doznających przemocy i bezdomnych") == ("przemoc", "bezdomne")
    assert forms.recognise_audiences("rodziny, seniorzy") == ()
    assert forms.recognise_needs("problemy alkoholowe", "Niebieska Karta") == ("przemoc", "uzaleznienie")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("ul. Lipowa 3 32-700 Bochnia", [("ul. Lipowa 3", "32-700", "Bochnia")]),
        ("32-740 Łapanów 36", [("36", "32-740", "Łapanów")]),
        ("32 - 500 Chrzanów, ul. Lipowa 4", [("ul. Lipowa 4", "32-500", "Chrzanów")]),
        ("Bukowina 34-530 ul. Długa 144", [("ul. Długa 144", "34-530", "Bukowina")]),
        ("ul. Lipowa 3, 32-700 Bochnia (II piętro)", [("ul. Lipowa 3", "32-700", "Bochnia")]),
        ("ul. Lipowa 22 I piętro, pokój 118 32-048 Jerzmanowice", [("ul. Lipowa 22", "32-048", "Jerzmanowice")]),
        ("- ul. Rynek 15, 32-840 Wola,\n- ul. Rynek 1, 32-840 Wola",
         [("ul. Rynek 15", "32-840", "Wola"), ("ul. Rynek 1", "32-840", "Wola")]),
        ("ul. A 5 31-135 Kraków ul. A 5 31-135 Kraków", [("ul. A 5", "31-135", "Kraków")]),
        ("33-221 Mędrzechów", [("", "33-221", "Mędrzechów")]),
        ("32 - 125 Wawrzeńczyce 57 32 125 Igołomia", [("57", "32-125", "Wawrzeńczyce")]),
        ("ul. J. Nikogo, 14 38-300 Gorlice", [("ul. J. Nikogo 14", "38-300", "Gorlice")]),
        ("Zmyślona 5", []),
        ("", []),
    ],
)  # fmt: skip
def test_addresses_of_a_cell(cell: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(one.street, one.post_code, one.place) for one in read_addresses(cell).found] == expected


def test_a_village_named_by_the_institution_is_the_place() -> None:
    (one,) = read_addresses("Czerna 110, 32-065 Krzeszowice", "Dom w Czernej").found
    assert one.village == "Czerna"
    (other,) = read_addresses("Grojec ul. Lipowa 100 32-600 Oświęcim").found
    assert (other.village, other.street) == ("Grojec", "ul. Lipowa 100")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("tak", "yes"), ("Tak.", "yes"), ("- tak", "yes"), ("tak tak", "yes"), ("nie", "no"), ("nie nie", "no"),
        ("tak nie", "unknown"), ("tak - winda", "yes"), ("tak (tylko podjazd)", "unknown"), ("częściowo", "unknown"),
        ("tak (z wyjątkiem osób głuchych)", "unknown"), ("planowany zakup krzesła", "planned"), ("", "unknown"),
        ("brak informacji", "unknown"), ("nie dotyczy", "unknown"), ("brak barier architektonicznych", "yes"),
        ("Placówka nie jest dostosowana ( bariery architektoniczne )", "no"), ("dostępna", "yes"),
        ("nie/ istnieje możliwość przyjęcia na parterze po wcześniejszym zgłoszeniu", "unknown"),
        ("Budynek jest dostosowany, posiada jednak bariery", "unknown"),
    ],
)  # fmt: skip
def test_an_answer_with_a_condition_is_neither_yes_nor_no(text: str, answer: str) -> None:
    assert read_answer(text)["answer"] == answer


def test_features_may_be_there_planned_or_not() -> None:
    found = read_features("pętla indukcyjna, planowana winda; brak obsługi w PJM, tabliczki Braille'a")
    assert {name: one["answer"] for name, one in found.items()} == {
        "induction_loop": "yes", "lift": "planned", "sign_language": "no", "braille": "yes",
    }  # fmt: skip


def test_the_voivodeship_is_the_one_that_has_all_powiats() -> None:
    assert voivodeship_of(["brzeski", "limanowski"], units().values()) == "12"
    assert voivodeship_of(["brzeski"], units().values()) == ""
    assert voivodeship_of([], units().values()) == ""


def test_a_street_is_in_the_town_and_a_centre_may_serve_the_gmina_around_it() -> None:
    gminy = Gminy(units().values(), localities(), "12")
    assert gminy.find("Limanowa", powiat="1207", street=True).terc == "120701"
    assert gminy.find("Limanowa", powiat="1207", street=False).terc == ""
    assert gminy.find("Tarnów", powiat="1216", street=True).terc == "126301"
    assert gminy.find("Bolesław", powiat="1212", street=False).terc == "121203"
    assert gminy.find("Nigdzie", powiat="1212", street=False).terc == ""
    assert area_of("ops", "Gminny Ośrodek", "Limanowa", "120701", "1207", gminy) == ("120707",)
    assert area_of("ops", "Miejski Ośrodek", "Limanowa", "120701", "1207", gminy) == ("120701",)
    assert area_of("ops", "Ośrodek", "Limanowa", "120701", "1207", gminy) == ()
    assert area_of("ngo", "Stowarzyszenie", "Laskowa", "120706", "1207", gminy) == ()
    assert area_of("pcpr", "PCPR", "Tarnów", "126301", "1263", gminy) == ()


def test_one_house_is_written_in_several_ways() -> None:
    long, short = ("ul. Stefana Żeromskiego 2", "32-090", "Wieś"), ("Żeromskiego 2", "", "Wieś")
    assert same_address(long, short)
    assert same_address(short, long)
    assert not same_address(long, ("ul. Żeromskiego 3", "32-090", "Wieś"))
    assert not same_address(long, ("ul. Żeromskiego 2", "32-091", "Wieś"))
    assert not same_address(("12", "32-090", "Wieś"), ("ul. Nowa 12", "32-090", "Wieś"))

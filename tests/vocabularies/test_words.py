"""The words that come with the product are whole, and hold every row of the register of words."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

from referral_hub import clock
from referral_hub.directory.freshness import Rhythm
from referral_hub.referrals.clocks import DEFAULT
from referral_hub.vocabularies import book
from referral_hub.vocabularies.words import COLUMNS, ORIGINS, read_table, read_vocabularies, sort_key

SHARED = Path(__file__).parents[3] / "shared" / "data" / "vocabularies"
VOCABULARIES = read_vocabularies()
ALL = [word for words in VOCABULARIES.values() for word in words]
OLD_WORDS = (
    "upośledz",
    "niepełnosprawni",
    "bezdomni ",
    "bezdomny",
    "chore psych",
    "ofiar",
    "narkoman",
    "alkoholik",
)


def rows(name: str) -> list[dict[str, str]]:
    path = SHARED / f"{name}.csv"
    if not path.exists():
        pytest.skip("needs ../shared with the register of words, which is not here")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def said(vocabulary: str) -> set[str]:
    """Every wording the vocabulary knows, shown or found."""
    words = VOCABULARIES[vocabulary]
    return {text for word in words for text in (word.labels["pl"], *word.synonyms)}


CODED = [
    ("rodzaje_partnerow", "kind"),
    ("formy_wsparcia", "form"),
    ("grupy_uczestnikow", "audience"),
    ("potrzeby", "need"),
    ("efekty", "outcome"),
    ("powody", "reason"),
    ("akty_prawne", "act"),
]


@pytest.mark.parametrize(("file", "vocabulary"), CODED)
def test_every_code_of_the_register_is_there_and_its_old_wording_finds_it(file: str, vocabulary: str) -> None:
    for row in rows(file):
        word = book.word(vocabulary, row["kod"])
        assert word is not None, row["kod"]
        wording = (row.get("nazwa_pl") or row["tytul"]).split(" (seed")[0]
        assert wording in {word.labels["pl"], *word.synonyms} or word.labels["pl"] in wording, row["kod"]
        if row.get("pochodzenie"):
            assert word.origin == row["pochodzenie"]


@pytest.mark.parametrize("column", ["nadrzedny", "nadrzedna"])
def test_the_hierarchy_of_the_register_is_kept(column: str) -> None:
    file, vocabulary = ("rodzaje_partnerow", "kind") if column == "nadrzedny" else ("grupy_uczestnikow", "audience")
    for row in rows(file):
        word = book.word(vocabulary, row["kod"])
        assert word is not None
        assert (word.parent or "") == row[column]


def test_abbreviations_and_identifiers_of_kinds_are_kept() -> None:
    for row in rows("rodzaje_partnerow"):
        word = book.word("kind", row["kod"])
        assert word is not None
        assert [part.strip() for part in row["skroty"].split(",") if part.strip()] == list(word.abbreviations)
        if row["identyfikatory"] not in ("", "—"):
            assert word.extra["identifiers"] == row["identyfikatory"]


@pytest.mark.parametrize(
    ("file", "vocabulary", "number", "text"),
    [
        ("npp_kategorie_poradnictwa", "counselling", "nr", "kategoria_pl"),
        ("ups_art7_powody", "assistance_reason", "nr", "powod_pl"),
        ("uzs_art1_ust2_grupy", "legal_group", "nr", "grupa_pl"),
    ],
)
def test_numbered_lists_of_law_are_there(file: str, vocabulary: str, number: str, text: str) -> None:
    for row in rows(file):
        word = book.word(vocabulary, row[number])
        assert word is not None
        assert row[text] in {word.labels["pl"], *word.synonyms}


def test_terms_of_capacity_and_statuses_of_participants_are_there() -> None:
    assert {row["pojecie_pl"] for row in rows("pojemnosc_terminy")} <= said("capacity_term")
    assert {row["wartosc"] for row in rows("sowa_statusy_uczestnika")} <= said("participant_status")


def test_goals_values_people_tasks_and_resources_of_a_club_are_there() -> None:
    names = {
        "cel": "goal",
        "wartosc": "value",
        "ludzie": "staff",
        "zadanie_koordynatora": "coordinator_task",
        "zasob": "resource",
        "profil_kis": "profile_field",
    }
    seen = rows("cele_wartosci_zasoby_seed")
    assert {row["rodzaj"] for row in seen} == set(names)
    for row in seen:
        word = book.word(names[row["rodzaj"]], row["nr"])
        assert word is not None
        assert row["tresc_pl"] in {word.labels["pl"], *word.synonyms}
        assert word.origin == "seed"


def test_legal_groups_of_audiences_agree_with_the_register() -> None:
    for row in rows("grupy_uczestnikow"):
        expected = row["uzs_art1_ust2"] if row["uzs_art1_ust2"] in {str(n) for n in range(1, 9)} else None
        assert book.legal_group(row["kod"]) == expected, row["kod"]


def test_acts_say_what_became_of_them() -> None:
    for row in rows("akty_prawne"):
        word = book.word("act", row["kod"])
        assert word is not None
        assert word.extra["today"].replace(",", ";") == row["stan_2026"].replace(",", ";")
        in_force = word.valid_on(date(2026, 11, 23))
        assert (
            in_force
            == (word.extra["in_force"] == "yes")
            == row["stan_2026"].replace("poza tekstem źródłowym; ", "").startswith("obowiązuje")
        )


def test_every_word_has_a_label_in_three_languages_and_a_known_origin() -> None:
    for word in ALL:
        assert all(word.labels[language].strip() for language in ("pl", "en", "uk")), word.code
        assert word.origin in ORIGINS
        assert word.source
        assert any("а" <= letter <= "я" or letter in "ії" for letter in word.labels["uk"].lower()), word.code


def test_no_label_uses_a_word_of_the_past() -> None:
    for word in ALL:
        assert not any(old in word.labels["pl"].casefold() for old in OLD_WORDS), word.labels["pl"]


@pytest.mark.parametrize(
    ("old", "vocabulary", "code"),
    [
        ("bezdomny", "audience", "bezdomne"),
        ("niepełnosprawny", "audience", "niepelnosprawne"),
        ("upośledzony", "audience", "niepeln_intelektualna"),
        ("odwyk", "need", "uzaleznienie"),
        ("dom dziecka", "kind", "placowka_ow"),
        ("MOPS", "kind", "ops"),
    ],
)
def test_an_old_or_colloquial_word_finds_the_modern_one(old: str, vocabulary: str, code: str) -> None:
    assert old in book.synonyms(vocabulary)[code]


def test_parents_exist_and_nothing_is_its_own_ancestor() -> None:
    for word in ALL:
        if word.parent:
            assert word.parent in {other.code for other in VOCABULARIES[word.vocabulary]}
            assert word.code not in book.above(word.vocabulary, word.parent)


def test_codes_are_unique_in_their_vocabulary() -> None:
    for words in VOCABULARIES.values():
        assert len({word.code for word in words}) == len(words)


def test_every_need_leads_to_known_forms_and_every_form_is_reached_by_a_need() -> None:
    forms = {word.code for word in VOCABULARIES["form"]}
    reached = set()
    for need in VOCABULARIES["need"]:
        found = book.forms_for(need.code)
        assert found
        assert 1 in found.values()
        assert set(found) <= forms, need.code
        assert not set(need.listed("forms")) & set(need.listed("also")), need.code
        reached |= set(found)
    assert reached == forms


def test_mediation_is_never_offered_against_violence() -> None:
    assert "mediacja" not in book.forms_for("przemoc")


def test_needs_of_a_form_come_back_best_first() -> None:
    assert book.needs_for("terapia_uzaleznien") == ("uzaleznienie",)
    assert book.needs_for("schronienie")[0] == "nocleg"
    for form in VOCABULARIES["form"]:
        for need in book.needs_for(form.code):
            assert form.code in book.forms_for(need)


def test_types_and_rhythms_of_forms_are_known() -> None:
    types = {word.code for word in VOCABULARIES["form_type"]}
    for form in VOCABULARIES["form"]:
        assert form.extra.get("type", "grupowa") in types
        assert book.rhythm(form.code) in tuple(Rhythm)
    assert book.rhythm("schronienie") == "day"
    assert book.rhythm("nobody knows") == "month"


def test_reasons_name_who_may_give_them() -> None:
    for word in VOCABULARIES["reason"]:
        assert set(word.listed("parties")) <= {"SND", "RCV", "PAR", "COO", "SYS"}
    for row in rows("powody"):
        word = book.word("reason", row["kod"])
        assert word is not None
        assert word.listed("parties") == tuple(row["kto"].split())


def test_every_kind_has_a_neutral_title_in_three_languages() -> None:
    for kind in VOCABULARIES["kind"]:
        for language in ("pl", "en", "uk"):
            title = book.neutral_title(kind.code, language)
            assert title
            if book.is_sensitive("kind", kind.code):
                assert not any(
                    part in title.casefold() for part in ("uzale", "psych", "alkoh", "kryzys", "karn", "bezdom")
                )
    assert book.neutral_title("a kind of tomorrow", "pl") == "Instytucja"


def test_slow_clocks_of_kinds_agree_with_the_rules_of_referrals() -> None:
    assert book.slow_kinds() == DEFAULT.slow_kinds
    assert book.clock_class("pup") == "slow"
    assert book.clock_class("ngo") == "standard"


def test_a_retired_word_keeps_its_label_and_cannot_be_chosen() -> None:
    with clock.at(datetime(2026, 11, 23, 12, tzinfo=clock.WARSAW)):
        assert not book.is_known("act", "promocja_zatrudnienia")
        assert book.label("act", "promocja_zatrudnienia", "pl").startswith("ustawa z 20.04.2004")
        assert "promocja_zatrudnienia" not in dict(book.terms("act", "pl"))
    with clock.at(datetime(2025, 5, 31, 12, tzinfo=clock.WARSAW)):
        assert book.is_known("act", "promocja_zatrudnienia")


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert book.label("form", "from_tomorrow", "pl") == "from_tomorrow"
    assert book.label("form", None, "pl") == ""


def test_polish_letters_sort_where_a_polish_reader_looks() -> None:
    assert sorted(["żona", "zebra", "łan", "lato", "ósmy", "oset"], key=sort_key) == [
        "lato",
        "łan",
        "oset",
        "ósmy",
        "zebra",
        "żona",
    ]


def test_a_broken_table_names_its_line() -> None:
    header = "\t".join(COLUMNS)
    with pytest.raises(ValueError, match="need:2: 2 cells"):
        read_table("need", f"{header}\na\tb\n")
    with pytest.raises(ValueError, match="header"):
        read_table("need", "code\tname\n")


def test_the_family_of_a_kind_is_found_downwards() -> None:
    assert {"pup", "wup", "ohp", "instytucja_rynku_pracy"} <= book.below("kind", "instytucja_rynku_pracy")
    assert book.above("audience", "dlugotrwale_bezrobotne") == {
        "dlugotrwale_bezrobotne",
        "bezrobotne",
        "wykluczone",
    }

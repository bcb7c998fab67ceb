"""Words come to their dictionary forms, with the dictionary and without it."""

from collections.abc import Iterator

import pytest

from referral_hub.search import polish
from referral_hub.search.lexicon import make_lexicon
from referral_hub.search.polish import fold, lemmas, sort_key, words
from referral_hub.search.synonyms import BadSynonym, built_in, read_synonyms


@pytest.fixture
def no_dictionary(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(polish, "_analyser", lambda: None)
    polish.lemmas.cache_clear()
    polish.readings.cache_clear()
    yield
    polish.lemmas.cache_clear()
    polish.readings.cache_clear()


def test_any_form_of_a_word_shares_a_lemma_with_any_other() -> None:
    for one, other in (("bezdomnych", "bezdomny"), ("tarnowie", "tarnów"), ("dzieci", "dziecko")):
        assert set(lemmas(one)) & set(lemmas(other)), (one, other)


def test_all_readings_are_kept() -> None:
    assert {"uzależniony", "uzależnić"} <= set(lemmas("uzależnionych"))


def test_unknown_words_stand_for_themselves() -> None:
    assert lemmas("qwertz") == ("qwertz",)


def test_without_the_dictionary_a_stemmer_stands_in(no_dictionary: None) -> None:
    assert lemmas("bezdomnych") == lemmas("bezdomny")
    assert not polish.is_common_word("pies")
    assert make_lexicon(["żłobek"]).without_diacritics("zlobek") == ("żłobek",)


@pytest.mark.parametrize(
    ("text", "plain"), [("Żłobek", "zlobek"), ("ŁÓDŹ", "lodz"), ("gęślą jaźń", "gesla jazn"), ("є", "є")]
)
def test_folding_leaves_out_diacritics(text: str, plain: str) -> None:
    assert fold(text) == plain


def test_dots_and_hyphens() -> None:
    assert words("Grupa A.A., psychologiczno-pedagogiczna") == ["grupa", "aa", "psychologiczno", "pedagogiczna"]
    assert words("z\u0307o\u0301łw") == ["żółw"]  # letters and accents apart, as some systems store them


def test_sort_key_orders_as_a_polish_dictionary() -> None:
    names = ["Zator", "Żabno", "Łapanów", "Limanowa", "Ćmielów", "Cieszyn", "Źródła", "Ąbc", "Abd", "Zupa", "Ópole"]
    assert sorted(names, key=sort_key) == [
        "Abd", "Ąbc", "Cieszyn", "Ćmielów", "Limanowa", "Łapanów", "Ópole", "Zator", "Zupa", "Źródła", "Żabno",
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["odwyk form:terapia", "> form:x", "odwyk >", "odwyk > colour:red", "odwyk > form:"])
def test_a_synonym_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(BadSynonym):
        read_synonyms([line])


def test_a_line_of_ones_own_adds_to_the_built_in_ones() -> None:
    own = read_synonyms([*built_in(), "Bieda-bank > need:zywnosc"])
    assert len(own.phrases["bieda"]) == 1
    assert own.phrases.keys() > read_synonyms(built_in()).phrases.keys()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("komornk", "komornik"), ("komronik", "komornik"), ("zlobk", "żłobek"), ("kot", None), ("xyzxyzxyz", None)],
)
def test_the_nearest_form_of_a_slip(typed: str, meant: str | None) -> None:
    lexicon = make_lexicon(["komornik", "żłobek", "lot"])
    assert lexicon.nearest(typed) in {meant, "żłobki" if typed == "zlobk" else meant}

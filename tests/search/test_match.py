"""Sets, facets and replaced documents agree with counting by hand."""

import random

from referral_hub.search.index import build, dead_share, from_bits, learn, replace_documents, to_bits
from referral_hub.search.match import in_areas, match, narrow, reasons
from referral_hub.search.query import understand
from tests.search.corpus import ask, documents, network


def test_bits_and_numbers_are_the_same_set() -> None:
    numbers = sorted(random.Random(1).sample(range(5000), 700))
    assert from_bits(to_bits(numbers, 5000)) == numbers
    assert from_bits(0) == []


def test_counts_of_a_facet_leave_out_its_own_filter() -> None:
    index = network()[0]
    codes = {facet: [c.split(":")[1] for c in index.sets if c.startswith(facet)] for facet in ("form", "municipality")}
    chosen = {"form": ["schronienie", "posilek"], "municipality": ["126301"]}
    left, counts = narrow(index, index.alive, chosen, codes)
    for facet, other in (("form", "municipality"), ("municipality", "form")):
        for code in codes[facet]:
            by_hand = sum(
                f"{facet}:{code}" in d.codes and any(f"{other}:{c}" in d.codes for c in chosen[other])
                for d in index.documents
            )
            assert counts[facet].get(code, 0) == by_hand
    assert {index.documents[n].id for n in from_bits(left)} == {"noc-tarnow", "obiad-tarnow"}


def test_a_chosen_code_without_results_keeps_its_zero() -> None:
    index = network()[0]
    _, counts = narrow(index, 0, {"form": ["staz"]}, {"form": ["staz", "posilek"]})
    assert counts == {"form": {"staz": 0}}


def test_a_replaced_document_is_found_only_by_its_new_words() -> None:
    _, synonyms, gazetteer, topic_words = network()
    index = build(documents())
    old = next(d for d in index.documents if d.id == "kurs-tarnow")
    renamed = type(old)(old.id, ((old.texts[0][0], "Kurs haftowania"),), old.codes, old.located)
    learn(index, replace_documents(index, [renamed], gone=["obiad-tarnow"]))

    def ids(text: str) -> set[str]:
        found = match(index, understand(text, index, synonyms, gazetteer, topic_words))
        return {index.documents[n].id for n in found.scores} if found else set()

    assert ids("haftowanie") == {"kurs-tarnow"}
    assert "kurs-tarnow" not in ids("spawania")
    assert "obiad-tarnow" not in ids("zupa")
    located, _ = in_areas(index, ["126301"])
    assert located & ~index.alive == 0
    assert 0 < dead_share(index) < 0.1


def test_an_unchanged_document_leaves_the_index_as_it_was() -> None:
    index = build(documents())
    replace_documents(index, documents())
    assert len(index.documents) == len(documents())


def test_too_many_words_give_up_those_nothing_meets_and_say_so() -> None:
    found = match(network()[0], ask("schronienie helikopter"))
    assert found is not None
    assert found.missed == ("helikopter",)
    assert len(found.scores) >= 3


def test_the_reason_names_the_code_or_the_field() -> None:
    index = network()[0]
    query = ask("odwyk hazard")
    why = reasons(index, query, index.numbers["ptu-limanowa"])
    assert [(r.typed, r.code, r.field) for r in why] == [
        ("odwyk", "form:terapia_uzaleznien", None),
        ("hazard", "need:uzaleznienie", None),
    ]
    [only] = reasons(index, ask("spawanie"), index.numbers["kurs-tarnow"])
    assert (only.code, only.field) == (None, "title")


def test_areas_served_are_found_from_inside_them() -> None:
    document = documents()[0]
    wide = type(document)("wide", document.texts, document.codes, ("126301",), ("1216",))
    index = build([wide])
    assert in_areas(index, ["121609"]) == (0, 1)
    assert in_areas(index, ["126301"])[0] == 1
    assert in_areas(index, ["120101"]) == (0, 0)


def test_no_text_breaks_the_search() -> None:
    for text in ("", " ", "\x00", "%", "a" * 5000, "😀", "żż" * 400, "1", "'; drop table", "w w w w", "- = ?"):
        ask(text)

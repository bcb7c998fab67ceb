"""Words are edited in one place, dated, never deleted; the book in memory follows."""

from datetime import timedelta

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound, Refused
from referral_hub.vocabularies import book
from referral_hub.vocabularies.actions import (
    Wording,
    add_word,
    bring_back,
    load_vocabularies,
    retire,
    reword,
    write_profile,
)
from referral_hub.vocabularies.queries import club_profile, load_book, load_book_if_changed
from referral_hub.vocabularies.words import read_vocabularies

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def the_book_is_put_back(database: asyncpg.Connection):  # type: ignore[no-untyped-def]
    yield
    book.open_book(read_vocabularies())


async def events(database: asyncpg.Connection, name: str) -> int:
    return await database.fetchval("select count(*) from audit_event where event = $1", name)


async def test_init_writes_every_word_and_a_second_run_changes_nothing(database: asyncpg.Connection) -> None:
    words = [word for vocabulary in read_vocabularies().values() for word in vocabulary]
    before = await database.fetch("select * from vocabulary_term order by id")
    assert len(before) == len(words) == await load_vocabularies()
    assert await database.fetch("select * from vocabulary_term order by id") == before


async def test_the_book_from_the_database_is_the_book_from_the_files(database: asyncpg.Connection) -> None:
    await load_book()
    for vocabulary, words in read_vocabularies().items():
        assert book.words(vocabulary, retired=True) == words


async def test_an_added_word_can_be_chosen_at_once_and_leaves_an_audit_line(database: asyncpg.Connection) -> None:
    code = await add_word("form", Wording(pl="Ogród społeczny", synonyms=("ogródek",)), by=SYSTEM)
    assert code == "ogrod_spoleczny"
    assert book.is_known("form", code)
    assert book.label("form", code, "uk") == "Ogród społeczny"
    assert "ogródek" in book.synonyms("form")[code]
    assert await events(database, "term:add") == 1


async def test_two_words_never_share_a_label_nor_a_code(database: asyncpg.Connection) -> None:
    with pytest.raises(Refused) as refused:
        await add_word("form", Wording(pl="STAŻ"), by=SYSTEM)
    assert [problem.code for problem in refused.value.problems] == ["label_is_taken"]
    assert await add_word("form", Wording(pl="staz"), by=SYSTEM) == "staz_2"


async def test_a_renamed_word_is_still_found_by_its_old_label(database: asyncpg.Connection) -> None:
    await reword("form", "staz", Wording(pl="staż zawodowy", en="traineeship"), by=SYSTEM)
    assert book.label("form", "staz", "pl") == "staż zawodowy"
    assert "staż" in book.synonyms("form")["staz"]


async def test_what_was_edited_here_survives_a_new_release(database: asyncpg.Connection) -> None:
    await reword("form", "staz", Wording(pl="staż zawodowy"), by=SYSTEM)
    await load_vocabularies()
    assert book.label("form", "staz", "pl") == "staż zawodowy"


async def test_a_mapping_is_edited_with_the_word_and_other_facts_stay(database: asyncpg.Connection) -> None:
    await reword(
        "need",
        "nocleg",
        Wording(pl="nocleg na dziś", extra={"forms": "schronienie, interwencja", "also": ""}),
        by=SYSTEM,
    )
    assert book.forms_for("nocleg") == {"schronienie": 1, "interwencja": 1}
    word = book.word("need", "nocleg")
    assert word is not None
    assert word.extra["urgent"] == "yes"


async def test_a_retired_word_stays_readable_and_can_come_back(database: asyncpg.Connection) -> None:
    await retire("form", "staz", clock.today() - timedelta(days=1), by=SYSTEM)
    assert not book.is_known("form", "staz")
    assert book.label("form", "staz", "pl") == "staż"
    assert (
        await database.fetchval("select count(*) from vocabulary_term where code = 'staz' and vocabulary = 'form'") == 1
    )
    await bring_back("form", "staz", by=SYSTEM)
    assert book.is_known("form", "staz")


async def test_a_word_of_today_can_be_retired_no_earlier_than_it_began(database: asyncpg.Connection) -> None:
    code = await add_word("form", Wording(pl="Próba"), by=SYSTEM)
    with pytest.raises(Refused):
        await retire("form", code, clock.today() - timedelta(days=9), by=SYSTEM)


async def test_a_parent_is_known_and_never_below(database: asyncpg.Connection) -> None:
    for parent, problem in (("nothing", "not_a_choice"), ("pup", "parent_is_below")):
        with pytest.raises(Refused) as refused:
            await reword(
                "kind", "instytucja_rynku_pracy", Wording(pl="instytucja rynku pracy", parent=parent), by=SYSTEM
            )
        assert [one.code for one in refused.value.problems] == [problem]


async def test_an_unknown_word_is_not_found(database: asyncpg.Connection) -> None:
    for vocabulary, code in (("form", "nothing"), ("nothing", "staz")):
        with pytest.raises(NotFound):
            await reword(vocabulary, code, Wording(pl="x"), by=SYSTEM)


async def test_another_process_sees_the_edit_at_its_next_look(database: asyncpg.Connection) -> None:
    await load_book_if_changed()
    assert not await load_book_if_changed()
    await database.execute(
        "update vocabulary_term set label_pl = 'inaczej', edited_at = now() where code = 'staz' and vocabulary = 'form'"
    )
    assert await load_book_if_changed()
    assert book.label("form", "staz", "pl") == "inaczej"


async def test_the_profile_of_the_club_keeps_its_answers(database: asyncpg.Connection) -> None:
    await write_profile({"profile_field:2": {"text": "KIS/7/2020"}, "resource:12": {"state": "own"}}, by=SYSTEM)
    await write_profile({"resource:12": {"state": "access", "note": "dom kultury"}}, by=SYSTEM)
    profile = await club_profile()
    assert profile.answer("profile_field:2") == "KIS/7/2020"
    assert profile.answer("resource:12", "state") == "access"
    assert profile.answer("resource:1", "state") == ""
    assert await events(database, "profile:edit") == 2

"""Edits of words: added, renamed, retired with a date, never deleted; and the profile of the club."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct

from referral_hub import clock
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, Scope, transaction
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.vocabularies import book
from referral_hub.vocabularies.queries import load_book
from referral_hub.vocabularies.words import Word, read_vocabularies

_LATIN = str.maketrans("ąćęłńóśźż", "acelnoszz")

_INSERT = """insert into vocabulary_term (id, vocabulary, code, parent, position, label_pl, label_en, label_uk,
 short, synonyms, extra, origin, source, valid_from, valid_to, edited_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"""
_KEEP_EDITED = """ on conflict (vocabulary, code) do update set parent = excluded.parent,
 position = excluded.position, label_pl = excluded.label_pl, label_en = excluded.label_en,
 label_uk = excluded.label_uk, short = excluded.short, synonyms = excluded.synonyms, extra = excluded.extra,
 origin = excluded.origin, source = excluded.source, valid_from = excluded.valid_from,
 valid_to = excluded.valid_to
where vocabulary_term.edited_at is null"""


class Wording(Struct, frozen=True, kw_only=True):
    """What a coordinator may say about a word."""

    pl: str
    en: str = ""
    uk: str = ""
    parent: str = ""
    synonyms: tuple[str, ...] = ()
    extra: Mapping[str, str] = {}
    """Facts to change, e.g. the forms of a need or the rhythm of a form; '' takes a fact away."""


async def load_vocabularies() -> int:
    """Write down the words that come with the product, and open the book; words edited here stay as edited.

    Safe to repeat: a new release brings its new words and corrected labels. Returns the number of words.
    """
    words = [word for vocabulary in read_vocabularies().values() for word in vocabulary]
    async with transaction(SYSTEM) as sql:
        await sql.executemany(_INSERT + _KEEP_EDITED, [_row(word) for word in words])
    await load_book()
    return len(words)


def _row(word: Word, *, edited: bool = False) -> tuple[object, ...]:
    return (
        new_id(),
        word.vocabulary,
        word.code,
        word.parent or "",
        word.position,
        word.labels["pl"],
        word.labels.get("en", ""),
        word.labels.get("uk", ""),
        "; ".join(word.abbreviations),
        list(word.synonyms),
        to_json(word.extra),
        word.origin,
        word.source,
        word.valid_from,
        word.valid_to,
        clock.now() if edited else None,
    )


async def add_word(vocabulary: str, wording: Wording, *, by: Scope) -> str:
    """Add a word of this network; its code is made from the Polish label and returned."""
    async with transaction(by) as sql:
        # Whoever adds at the same moment waits here; then the book knows that word, and this one is told or numbered.
        await sql.execute("lock table vocabulary_term in share row exclusive mode")
        await load_book()
        _check(vocabulary, "", wording)
        code = _new_code(vocabulary, wording.pl)
        word = Word(
            vocabulary=vocabulary,
            code=code,
            parent=wording.parent or None,
            labels={"pl": wording.pl, "en": wording.en, "uk": wording.uk},
            synonyms=wording.synonyms,
            source="własne",
            extra=_merged({}, wording.extra),
            valid_from=clock.today(),
            position=len(book.words(vocabulary, retired=True)),
        )
        await sql.execute(_INSERT, *_row(word, edited=True))
        await record(Event.TERM_ADD, by=by, subject=("term", None), facts={"vocabulary": vocabulary, "code": code})
    await load_book()
    return code


async def reword(vocabulary: str, code: str, wording: Wording, *, by: Scope) -> None:
    """Change labels, synonyms or place; the old Polish label stays as a synonym that search finds."""
    before = _known(vocabulary, code)
    _check(vocabulary, code, wording)
    synonyms = list(wording.synonyms)
    if before.labels["pl"] != wording.pl and before.labels["pl"] not in synonyms:
        synonyms.append(before.labels["pl"])
    await _change(
        vocabulary,
        code,
        by,
        {
            "label_pl": wording.pl,
            "label_en": wording.en,
            "label_uk": wording.uk,
            "parent": wording.parent,
            "synonyms": synonyms,
            "extra": to_json(_merged(before.extra, wording.extra)),
        },
    )


async def retire(vocabulary: str, code: str, last_day: date, *, by: Scope) -> None:
    """Let a word be chosen until `last_day`, this day included; what was recorded with it stays readable."""
    word = _known(vocabulary, code)
    if word.valid_from is not None and last_day < word.valid_from - timedelta(days=1):
        raise Refused("invalid", [Problem("last_day", "date_too_early", {"earliest": word.valid_from})])
    await _change(vocabulary, code, by, {"valid_to": max(last_day, word.valid_from or last_day)})


async def bring_back(vocabulary: str, code: str, *, by: Scope) -> None:
    """Let a retired word be chosen again."""
    _known(vocabulary, code)
    await _change(vocabulary, code, by, {"valid_to": None})


async def write_profile(answers: Mapping[str, Mapping[str, str]], *, by: Scope) -> None:
    """Keep the club's own answers; keys not named stay as they are."""
    async with transaction(by) as sql:
        await sql.executemany(
            """insert into club_profile (id, key, value) values ($1, $2, $3)
            on conflict (key) do update set value = excluded.value""",
            [(new_id(), key, to_json(dict(answer))) for key, answer in answers.items()],
        )
        await record(Event.PROFILE_EDIT, by=by, facts={"keys": sorted(answers)})


async def _change(vocabulary: str, code: str, by: Scope, values: Mapping[str, object]) -> None:
    names = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, start=4))
    async with transaction(by) as sql:
        await sql.execute(
            f"update vocabulary_term set edited_at = $3, {names} where vocabulary = $1 and code = $2",  # noqa: S608 -- names of our own, values are parameters
            vocabulary,
            code,
            clock.now(),
            *values.values(),
        )
        facts = {"vocabulary": vocabulary, "code": code, "changed": sorted(values)}
        await record(Event.TERM_EDIT, by=by, subject=("term", None), facts=facts)
    await load_book()


def _known(vocabulary: str, code: str) -> Word:
    found = book.word(vocabulary, code) if vocabulary in book.vocabularies() else None
    if found is None:
        raise NotFound
    return found


def _check(vocabulary: str, code: str, wording: Wording) -> None:
    if vocabulary not in book.vocabularies():
        raise NotFound
    problems = []
    taken = {word.labels["pl"].casefold(): word.code for word in book.words(vocabulary)}
    if taken.get(wording.pl.casefold(), code) != code:
        problems.append(Problem("pl", "label_is_taken"))
    if wording.parent and book.word(vocabulary, wording.parent) is None:
        problems.append(Problem("parent", "not_a_choice"))
    elif wording.parent and code in book.above(vocabulary, wording.parent):
        problems.append(Problem("parent", "parent_is_below"))
    if problems:
        raise Refused("invalid", problems)


def _merged(before: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in {**before, **changed}.items() if value}


def _new_code(vocabulary: str, label: str) -> str:
    """A readable code of at most 50 characters that no word of the vocabulary has, retired ones included."""
    plain = re.sub(r"[^a-z0-9]+", "_", label.casefold().translate(_LATIN)).strip("_")[:50] or "word"
    taken = {word.code for word in book.words(vocabulary, retired=True)}
    number, code = 2, plain
    while code in taken:
        number, code = number + 1, f"{plain}_{number}"
    return code

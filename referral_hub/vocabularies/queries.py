"""What the database says about words, and the club in its own words."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub.database.transaction import connection
from referral_hub.vocabularies.book import open_book
from referral_hub.vocabularies.words import Word

COLUMNS = (
    "vocabulary, code, parent, position, label_pl, label_en, label_uk, short, synonyms, extra, origin, "
    "source, valid_from, valid_to"
)

_version: tuple[int, object] | None = None


async def load_book() -> None:
    """Open the book of words as the database has it now."""
    async with connection() as sql:
        rows = await sql.fetch(f"select {COLUMNS} from vocabulary_term order by vocabulary, position, code")  # noqa: S608 -- names of our own, values are parameters
    found: dict[str, list[Word]] = defaultdict(list)
    for row in rows:
        found[row["vocabulary"]].append(word_of(row))
    open_book({vocabulary: tuple(words) for vocabulary, words in found.items()})


async def load_book_if_changed() -> bool:
    """Reload when another process has edited a word; cheap enough for a poll every few seconds."""
    global _version  # what this process has loaded last
    async with connection() as sql:
        row = await sql.fetchrow("select count(*) as words, max(edited_at) as last from vocabulary_term")
    version = (row["words"], row["last"])
    if version == _version:
        return False
    await load_book()
    _version = version
    return True


def word_of(row: Any) -> Word:
    """A row as a word of the book."""
    extra = row["extra"]
    return Word(
        vocabulary=row["vocabulary"],
        code=row["code"],
        parent=row["parent"] or None,
        labels={"pl": row["label_pl"], "en": row["label_en"], "uk": row["label_uk"]},
        abbreviations=tuple(part.strip() for part in row["short"].split(";") if part.strip()),
        synonyms=tuple(row["synonyms"]),
        origin=row["origin"],
        source=row["source"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        extra=msgspec.json.decode(extra) if isinstance(extra, str) else extra,
        position=row["position"],
    )


class Profile(Struct, frozen=True):
    """The own club: `answers` holds what was written under each key (`profile_field:2`, `resource:12` …)."""

    institution: UUID | None
    name: str
    answers: dict[str, dict[str, str]]

    def answer(self, key: str, part: str = "text") -> str:
        """One answer, '' where nothing is written."""
        return self.answers.get(key, {}).get(part, "")


async def club_profile() -> Profile:
    """The profile of the club whose hub this is; a new hub has an empty one."""
    async with connection() as sql:
        club = await sql.fetchrow("select id, name from institution where club order by made_at limit 1")
        rows = await sql.fetch("select key, value::text as value from club_profile")
    answers = {row["key"]: msgspec.json.decode(row["value"], type=dict[str, str]) for row in rows}
    return Profile(club["id"] if club else None, club["name"] if club else "", answers)

"""Words in three languages, read once from the po fragments of every room and merged in memory.

A msgid is an English sentence with `%(name)s` gaps (a plain per cent sign is `%%`), or a coded key such as
`error.stale`, whose English stands in a catalogue too.
"""

import gettext
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES: Final = ("pl", "uk", "en")
DEFAULT_LANGUAGE: Final = "pl"
OWN_NAMES: Final = {"pl": "Polski", "uk": "Українська", "en": "English"}
LOCALE_FOLDER: Final = Path(__file__).parent / "locale"

_spoken: ContextVar[str] = ContextVar("language_spoken", default=DEFAULT_LANGUAGE)


def spoken() -> str:
    """The language of the page or mail being rendered."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Render what is inside in this language."""
    token = _spoken.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _spoken.reset(token)


def fragments(language: str) -> list[Path]:
    """The po files of one language, one a room, in a fixed order."""
    return sorted((LOCALE_FOLDER / language).glob("*.po"))


def read_fragment(path: Path, language: str) -> Catalog:
    """One room's sentences in one language; a broken file raises ValueError naming it."""
    with path.open("rb") as file:
        try:
            return read_po(file, locale=language, abort_invalid=True)
        except Exception as problem:
            raise ValueError(f"{path}: {problem}") from problem


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """All rooms' sentences of one language; where one is missing the English, else the msgid itself."""
    merged = Catalog(locale=language)
    for path in fragments(language):
        for message in read_fragment(path, language):
            if message.id and _is_translated(message.string):
                merged[message.id] = message
    binary = io.BytesIO()
    write_mo(binary, merged)
    binary.seek(0)
    words = gettext.GNUTranslations(binary)
    if language != "en":
        words.add_fallback(catalogue("en"))
    return words


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def translate(language: str, msgid: str, **facts: object) -> str:
    """The sentence `msgid` in `language` with its gaps filled. Raises KeyError for a gap without a fact."""
    return catalogue(language).gettext(msgid) % facts


def translate_count(language: str, singular: str, plural: str, count: int, **facts: object) -> str:
    """The sentence for this many; `%(num)s` is the count itself."""
    return catalogue(language).ngettext(singular, plural, count) % {"num": count, **facts}


def has(language: str, msgid: str) -> bool:
    """Whether a coded key has a sentence in this language or in English."""
    return catalogue(language).gettext(msgid) != msgid


def sentence_of(language: str, prefix: str, code: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence of a code (`error.` + `stale`); never fails: an unknown gap shows an ellipsis."""
    key = f"{prefix}.{code}"
    if not has(language, key):
        key = f"{prefix}.unknown" if has(language, f"{prefix}.unknown") else key
    return catalogue(language).gettext(key) % _Forgiving(facts or {})


class _Forgiving(dict[str, object]):
    """An error page must come out whole even where a fact is missing."""

    def __missing__(self, _: str) -> str:
        return "…"

"""Every sentence of every page has its words in the languages it needs, with the same gaps and enough plurals."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir

from referral_hub.web.page import templates_folder
from referral_hub.web.wording import LANGUAGES, LOCALE_FOLDER, catalogue, fragments, read_fragment

PACKAGE = LOCALE_FOLDER.parents[1]
GAP = re.compile(r"%\((\w+)\)s")
CODED = re.compile(r"^[a-z][a-z_]*\.[A-Za-z0-9_:.\-]+$")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "translate": (2,),
    "translate_count": (2, 3),
}
# Pages whose every sentence is needed in Ukrainian: what the public, guests and participants see.
FOR_EVERYBODY = (
    "layout.html",
    "macros/forms.html",
    "macros/frame.html",
    "macros/parts.html",
    "errors/",
    "site/",
    "directory/",
    "details/",
    "terms/",
    "lending/",
    "barter/",
    "capacity/",
    "enquiries/answer.html",
    "enquiries/gone.html",
    "enquiries/parts.html",
    "guest/",
    "partner/reading.html",
    "referrals/card_part.html",
    "referrals/moves.html",
    "referrals/parts.html",
    "moderation/suggest.html",
    "moderation/suggested.html",
    "moderation/panel.html",
    "timetable/panel.html",
    "timetable/parts.html",
    "timetable/meetings.html",
    "attendance/own_part.html",
    "accounts/sign_in.html",
    "accounts/set_password.html",
)


@cache
def used_sentences() -> dict[str, set[str]]:
    """Each msgid that a template or module asks for, and the files that do; of a plural the singular."""
    found: dict[str, set[str]] = {}
    for folder, method in ((templates_folder(), [("**.html", "jinja2")]), (PACKAGE, [("**.py", "python")])):
        options = {
            "**.html": {
                "encoding": "utf-8",
                "silent": "false",
                "trimmed": "true",
                "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols",
            }
        }
        for row in extract_from_dir(str(folder), method, options, KEYWORDS, ()):
            file, msgid = row[0], row[2]
            found.setdefault(msgid if isinstance(msgid, str) else msgid[0], set()).add(file)
    return found


@cache
def written_sentences() -> str:
    """All sources in one: a sentence may stand in a table of ours and be translated where it is shown."""
    sources = [*PACKAGE.rglob("*.py"), *templates_folder().rglob("*.html")]
    return "\n".join(path.read_text(encoding="utf-8") for path in sources)


@cache
def messages(language: str) -> dict[str, tuple[Message, str]]:
    """Each msgid with its message and the fragment it stands in."""
    found: dict[str, tuple[Message, str]] = {}
    for path in fragments(language):
        for message in read_fragment(path, language):
            if message.id:
                found[key_of(message)] = (message, path.name)
    return found


def key_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def texts_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def all_messages() -> Iterator[tuple[str, str, Message]]:
    for language in LANGUAGES:
        for path in fragments(language):
            for message in read_fragment(path, language):
                if message.id:
                    yield language, path.name, message


def test_extraction_finds_the_sentences_of_templates_and_modules() -> None:
    used = used_sentences()
    assert "Skip to content" in used
    assert "%(num)s day ago" in used
    assert any(file.endswith("formats.py") for file in used["%(num)s day ago"])


def test_every_sentence_is_said_in_polish() -> None:
    missing = {msgid: sorted(files) for msgid, files in used_sentences().items() if msgid not in messages("pl")}
    assert not missing


def test_every_sentence_for_everybody_is_said_in_ukrainian() -> None:
    needed = {
        msgid: sorted(files)
        for msgid, files in used_sentences().items()
        if any(file.startswith(FOR_EVERYBODY) for file in files)
    }
    assert not {msgid: files for msgid, files in needed.items() if msgid not in messages("uk")}


def test_every_code_has_words_in_polish_and_english() -> None:
    coded = {language: {key for key in messages(language) if CODED.match(key)} for language in LANGUAGES}
    everywhere = coded["pl"] | coded["en"] | coded["uk"]
    assert {language: sorted(everywhere - coded[language]) for language in ("pl", "en")} == {"pl": [], "en": []}


def test_english_holds_only_codes() -> None:
    assert not [key for key in messages("en") if not CODED.match(key)]


def test_gaps_are_the_same_in_every_language() -> None:
    wrong = []
    for language, name, message in all_messages():
        texts = texts_of(message)
        ids = (message.id,) if isinstance(message.id, str) else message.id
        wished = {gap for text in ids for gap in GAP.findall(text)}
        if CODED.match(key_of(message)):
            english = messages("en").get(key_of(message))
            wished = {gap for text in texts_of(english[0]) for gap in GAP.findall(text)} if english else set()
        for text in texts:
            gaps = set(GAP.findall(text))
            # A singular may say "one" instead of the number.
            if gaps != wished and gaps | {"num"} != wished:
                wrong.append((language, name, key_of(message), text))
    assert not wrong


def test_no_sentence_breaks_its_formatting() -> None:
    wrong = [
        (language, name, text)
        for language, name, message in all_messages()
        for text in texts_of(message)
        if re.search(r"%(?!\(\w+\)s|%)", text.replace("%%", ""))
    ]
    assert not wrong


def test_every_plural_has_all_its_forms() -> None:
    forms = {"pl": 3, "uk": 3, "en": 2}
    wrong = [
        (language, name, key_of(message))
        for language, name, message in all_messages()
        if not isinstance(message.id, str) and (len(texts_of(message)) != forms[language] or not all(texts_of(message)))
    ]
    assert not wrong


def test_nothing_is_empty_or_fuzzy() -> None:
    wrong = [
        (language, name, key_of(message))
        for language, name, message in all_messages()
        if message.fuzzy or not all(texts_of(message))
    ]
    assert not wrong


def test_two_rooms_never_say_the_same_sentence_differently() -> None:
    said: dict[tuple[str, str], dict[tuple[str, ...], str]] = {}
    for language, name, message in all_messages():
        said.setdefault((language, key_of(message)), {})[texts_of(message)] = name
    assert {key: texts for key, texts in said.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_merged_catalogue_speaks(language: str) -> None:
    said = {"pl": "22 dni temu", "uk": "22 дні тому", "en": "22 days ago"}
    assert catalogue(language).ngettext("%(num)s day ago", "%(num)s days ago", 22) % {"num": 22} == said[language]


def test_fragments_are_where_they_are_looked_for() -> None:
    assert {path.parent.name for path in Path(LOCALE_FOLDER).rglob("*.po")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_keeps_a_sentence_that_nobody_says(language: str) -> None:
    plain = [msgid for msgid in messages(language) if msgid not in used_sentences() and not CODED.match(msgid)]
    assert [msgid for msgid in plain if msgid not in written_sentences()] == []

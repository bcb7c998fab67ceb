"""Pages on which the coordinator keeps the word lists and the profile of the own club.

They stand here and not in `vocabularies`, which knows no accounts: imports point down only.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Any, Final

import asyncpg
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.freshness import Rhythm
from referral_hub.errors import NotFound, Refused
from referral_hub.vocabularies import book
from referral_hub.vocabularies.actions import Wording, add_word, bring_back, retire, reword
from referral_hub.vocabularies.queries import load_book, load_book_if_changed
from referral_hub.vocabularies.words import Word
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page
from referral_hub.web.running import end

EDITED: Final = (
    "need",
    "form",
    "kind",
    "audience",
    "outcome",
    "reason",
    "resource",
    "goal",
    "act",
    "contract",
    "path_example",
)
"""Lists a coordinator changes, in the order shown; the others are read-only lists of law and of the hub."""

POLL_SECONDS: Final = 5

FACTS: Final = {
    "need": ("forms", "also"),
    "form": ("rhythm",),
    "kind": ("clock",),
    "audience": ("legal_group",),
}


@asynccontextmanager
async def lifespan(_: Litestar) -> AsyncIterator[None]:
    """Open the book of words at start, and look every few seconds whether another process edited one."""
    await load_book()

    async def keep_reading() -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            # The database may restart under a running server: the words at hand stay good until it is back.
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await load_book_if_changed()

    reading = asyncio.create_task(keep_reading())
    try:
        yield
    finally:
        await end(reading)


@get("/vocabularies", opt=needs(Permission.VOCABULARY_EDIT))
async def show_vocabularies(request: Request[Any, Any, Any]) -> Response[bytes]:
    """All lists with their sizes."""
    names = [*EDITED, *(name for name in book.vocabularies() if name not in EDITED)]
    lists = [(name, len(book.words(name)), len(book.words(name, retired=True))) for name in names]
    return page(request, "vocabularies/lists.html", lists=lists, edited=EDITED)


@get("/vocabularies/{vocabulary:str}", opt=needs(Permission.VOCABULARY_EDIT))
async def show_words(request: Request[Any, Any, Any], vocabulary: FromPath[str]) -> Response[bytes]:
    """The words of one list, and a form for one more."""
    return _list_page(request, vocabulary, Form())


@post("/vocabularies/{vocabulary:str}", opt=needs(Permission.VOCABULARY_EDIT), status_code=303)
async def post_word(request: Request[Any, Any, Any], vocabulary: FromPath[str]) -> Response[bytes]:
    """Add a word."""
    _editable(vocabulary)
    form = Form(await request.form())
    try:
        code = await add_word(vocabulary, _read(form, vocabulary), by=actor_of(request).scope)
    except Refused as refusal:
        form.take(refusal)
        return _list_page(request, vocabulary, form, status=422)
    return _to(f"/vocabularies/{vocabulary}#{code}")


@get("/vocabularies/{vocabulary:str}/{code:str}", opt=needs(Permission.VOCABULARY_EDIT))
async def show_word(request: Request[Any, Any, Any], vocabulary: FromPath[str], code: FromPath[str]) -> Response[bytes]:
    """One word to change or retire."""
    word = _word(vocabulary, code)
    return _word_page(request, word, Form(_written(word)))


@post("/vocabularies/{vocabulary:str}/{code:str}", opt=needs(Permission.VOCABULARY_EDIT), status_code=303)
async def post_wording(
    request: Request[Any, Any, Any], vocabulary: FromPath[str], code: FromPath[str]
) -> Response[bytes]:
    """Change a word's labels, synonyms, place and facts."""
    word = _word(_editable(vocabulary), code)
    form = Form(await request.form())
    try:
        await reword(vocabulary, code, _read(form, vocabulary), by=actor_of(request).scope)
    except Refused as refusal:
        form.take(refusal)
        return _word_page(request, word, form, status=422)
    return _to(f"/vocabularies/{vocabulary}#{code}")


@post("/vocabularies/{vocabulary:str}/{code:str}/retire", opt=needs(Permission.VOCABULARY_EDIT), status_code=303)
async def post_retirement(
    request: Request[Any, Any, Any], vocabulary: FromPath[str], code: FromPath[str]
) -> Response[bytes]:
    """Set the last day of a word, or take it away (`act=return`)."""
    word = _word(_editable(vocabulary), code)
    form, by = Form(await request.form()), actor_of(request).scope
    try:
        if form.value("act") == "return":
            await bring_back(vocabulary, code, by=by)
        else:
            day = form.date("last_day", earliest=date(2000, 1, 1))
            form.check()
            await retire(vocabulary, code, day or clock.today(), by=by)
    except Refused as refusal:
        form.take(refusal)
        return _word_page(request, word, Form(_written(word)), retiring=form, status=422)
    return _to(f"/vocabularies/{vocabulary}#{code}")


def _read(form: Form, vocabulary: str) -> Wording:
    """What was typed about a word; raises Refused with all problems."""
    forms = [word.code for word in book.words("form")]
    choices: dict[str, list[str]] = {
        "rhythm": [str(rhythm) for rhythm in Rhythm],
        "clock": [book.SLOW, book.STANDARD],
        "legal_group": [word.code for word in book.words("legal_group")],
    }
    extra = {}
    for name in FACTS.get(vocabulary, ()):
        if name in choices:
            extra[name] = form.choice(name, choices[name], required=False) or ""
        else:
            extra[name] = ", ".join(form.many(name, forms))
    wording = Wording(
        pl=form.text("pl"),
        en=form.text("en", required=False),
        uk=form.text("uk", required=False),
        parent=form.choice("parent", [word.code for word in book.words(vocabulary)], required=False) or "",
        synonyms=tuple(
            part.strip() for part in form.text("synonyms", required=False, most=1000).split(";") if part.strip()
        ),
        extra=extra,
    )
    form.check()
    return wording


def _written(word: Word) -> dict[str, object]:
    facts = {
        name: list(word.listed(name)) if name in ("forms", "also") else word.extra.get(name, "")
        for name in FACTS.get(word.vocabulary, ())
    }
    labels: dict[str, object] = dict(word.labels)
    return {**labels, "parent": word.parent or "", "synonyms": "; ".join(word.synonyms), **facts}


def _list_page(request: Request[Any, Any, Any], vocabulary: str, form: Form, status: int = 200) -> Response[bytes]:
    if vocabulary not in book.vocabularies():
        raise NotFound
    return page(
        request,
        "vocabularies/words.html",
        status=status,
        vocabulary=vocabulary,
        words=book.words(vocabulary, retired=True),
        editable=vocabulary in EDITED,
        form=form,
        **_choices(request, vocabulary),
    )


def _word_page(
    request: Request[Any, Any, Any], word: Word, form: Form, retiring: Form | None = None, status: int = 200
) -> Response[bytes]:
    return page(
        request,
        "vocabularies/word.html",
        status=status,
        word=word,
        editable=word.vocabulary in EDITED,
        form=form,
        retiring=retiring or Form({"last_day": clock.today()}),
        **_choices(request, word.vocabulary),
    )


def _choices(request: Request[Any, Any, Any], vocabulary: str) -> dict[str, Any]:
    """What the fields of a word offer, in the visitor's language."""
    language = look_of(request).language
    return {
        "facts_edited": FACTS.get(vocabulary, ()),
        "parents": book.terms(vocabulary, language),
        "forms": book.terms("form", language, sort=True),
        "rhythms": list(Rhythm),
        "clocks": [book.STANDARD, book.SLOW],
        "groups": book.terms("legal_group", language),
        "label_of": lambda code: book.label(vocabulary, code, language),
        "today": clock.today(),
    }


def _editable(vocabulary: str) -> str:
    if vocabulary not in EDITED:
        raise NotFound
    return vocabulary


def _word(vocabulary: str, code: str) -> Word:
    found = book.word(vocabulary, code) if vocabulary in book.vocabularies() else None
    if found is None:
        raise NotFound
    return found


def _to(address: str) -> Response[bytes]:
    return Response(b"", status_code=303, headers={"Location": address})


routes = [show_vocabularies, show_words, post_word, show_word, post_wording, post_retirement]

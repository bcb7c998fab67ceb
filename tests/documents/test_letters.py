"""Letters are PDF/UA: tagged, with language and title; facts are only ever text; nothing hostile gets further."""

import asyncio
import io
import time
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest

from referral_hub.documents import typesetting
from referral_hub.documents.card import Card, card
from referral_hub.documents.certificate import Certificate, certificate
from referral_hub.documents.disclosure_list import DisclosureList, Line, disclosure_list
from referral_hub.documents.qr import drawn_code
from referral_hub.documents.sheets import _DRAWN, LONGEST, MOST_LINES, Letter, Sheet, TooLong, drawn
from referral_hub.documents.typesetting import pdf_of, typeset
from referral_hub.documents.withdrawal import Withdrawal, withdrawal
from referral_hub.errors import Refused

NOW = datetime(2026, 5, 13, 8, 30, tzinfo=UTC)
HOSTILE = (
    '#read("/etc/passwd")',
    "*bold* _it_ $ x $ `raw` @ref <label> // comment",
    "#panic()",
    '"]}\\" #set page(width: 1pt)',
    "= Heading\n- list",
    "\\u{41} \\n #sys.inputs",
)


def certificate_of(language: str, person: str = "Żaneta Próbna") -> Certificate:
    return Certificate(
        language=language,
        person=person,
        club="Klub Integracji Społecznej w Tarnowie",
        place="Tarnów",
        number="Z/12/2026",
        issued_on="13.05.2026",
        started_on="01.02.2026",
        ended_on="12.05.2026",
        contract="KS/7/2026",
        groups=("grupa wsparcia", "warsztaty komputerowe"),
        hours="124 h",
        effects=("podjęcie pracy",),
    )


def card_of(language: str, **changes: Any) -> Card:
    facts: dict[str, Any] = {
        "language": language,
        "title": "Poradnia Próbna",
        "address": "ul. Próbna 1, 33-100 Tarnów",
        "sender": "Klub",
        "number": "2026/0123",
        "printed_on": "13.05.2026",
        "picture": drawn_code("https://hub.example/p/secret"),
        "code": "BCDF GHJK",
        "enter_at": "https://hub.example/p",
    }
    return Card(**{**facts, **changes})


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


def roles(pdf: bytes) -> set[str]:
    """Every structure type the tags use."""
    found: set[str] = set()
    waiting: list[Any] = [read(pdf).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found.add(str(node.get("/S", "")))
            waiting += [node["/K"]] if "/K" in node else []
    return found


LETTERS = {
    "card": (card(card_of("pl"), card_of("uk")), "Poradnia Próbna", {"/H1", "/Figure", "/L"}),
    "certificate": (
        certificate(certificate_of("pl"), certificate_of("uk")),
        "Zaświadczenie o uczestnictwie",
        {"/H1", "/L"},
    ),
    "disclosures": (
        disclosure_list(
            DisclosureList(
                language="pl",
                person="K-7F3A",
                keeper="Klub",
                as_at="13.05.2026",
                lines=(Line("12.05.2026, 10:00", "Fundacja", "przekazano", "imię", "zgoda"),),
            )
        ),
        "Kto i co zobaczył albo otrzymał o mnie",
        {"/H1", "/H2", "/Table", "/TH", "/TD"},
    ),
    "withdrawal": (
        withdrawal(
            Withdrawal(
                language="pl",
                person="K-7F3A",
                keeper="Klub",
                number="2026/0123",
                receiver="Fundacja",
                why="withdrawn",
                since="13.05.2026, 10:30",
                data="imię, telefon",
                stays=True,
                by_law=("ustawa o pomocy społecznej",),
                issued_on="13.05.2026",
            )
        ),
        "Potwierdzenie: koniec przekazywania danych",
        {"/H1", "/L", "/P"},
    ),
}


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_tagged_and_says_its_language_and_title(name: str) -> None:
    letter, title, tags = LETTERS[name]
    pdf = typeset(letter, NOW)
    found = read(pdf)
    root = found.trailer["/Root"]
    assert root["/Lang"] == "pl"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert found.metadata is not None
    assert found.metadata.title == title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    assert tags <= roles(pdf)
    assert title in words(pdf)
    assert len(pdf) < 100_000


def test_fonts_are_inside_and_letters_of_both_alphabets_can_be_read_back() -> None:
    pdf = typeset(certificate(certificate_of("pl", "Łucja Żądło"), certificate_of("uk", "Їжакевич Ґалина")), NOW)
    assert "Łucja Żądło" in words(pdf)
    assert "Їжакевич Ґалина" in words(pdf)
    assert len(read(pdf).pages) == 2
    for sheet in read(pdf).pages:
        for font in sheet["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert any(name in inner for name in ("/FontFile", "/FontFile2", "/FontFile3"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_words_are_shown_and_never_read_as_markup(hostile: str) -> None:
    letter = Letter(
        (Sheet(language="pl", title=hostile, sender=hostile, lead=(hostile,), closing=(hostile,)),), hostile
    )
    shown = words(typeset(letter, NOW))
    assert shown.count(" ".join(hostile.split())) >= 4
    assert "root:" not in shown


@pytest.mark.parametrize(
    "strange", ["日本", "😀", "a\x00b\x07", "ab\u202ec\u200b", "e\u0301\u0301\u0301", "\ud800", "\ue000"]
)
def test_signs_without_a_picture_do_not_stop_a_letter(strange: str) -> None:
    assert typeset(Letter((Sheet(language="pl", title="Karta", lead=(strange,)),)), NOW).startswith(b"%PDF")


def test_every_sign_said_to_be_drawn_is_drawn() -> None:
    every = "".join(chr(place) for first, last in _DRAWN for place in range(first, last + 1))
    parts = tuple(every[start : start + LONGEST] for start in range(0, len(every), LONGEST))
    assert typeset(Letter((Sheet(language="pl", title="Znaki", lead=parts),)), NOW).startswith(b"%PDF")
    assert drawn("zażółć") == "zażółć"


def test_a_letter_has_limits() -> None:
    with pytest.raises(TooLong):
        typeset(Letter((Sheet(language="pl", title="x" * (LONGEST + 1)),)), NOW)
    with pytest.raises(TooLong):
        typeset(Letter(()), NOW)
    line = Line("12.05.2026", "Fundacja", "odczyt", "imię", "zgoda")
    lines = (line,) * (MOST_LINES + 5)
    listed = disclosure_list(
        DisclosureList(language="pl", person="K-7F3A", keeper="Klub", as_at="13.05.2026", lines=lines)
    )
    assert listed.sheets[0].grid is not None
    assert len(listed.sheets[0].grid.rows) == MOST_LINES
    assert "najnowsze wpisy" in listed.sheets[0].closing[0]


@pytest.mark.anyio
async def test_setting_a_letter_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(letter: Letter, now: datetime) -> bytes:
        time.sleep(0.2)
        return b"%PDF"

    monkeypatch.setattr(typesetting, "typeset", slow)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    beside = asyncio.create_task(tick())
    await pdf_of(card(card_of("pl")))
    assert ticks > 5
    monkeypatch.setattr(typesetting, "SECONDS", 0.02)
    with pytest.raises(Refused, match="letter_took_too_long"):
        await pdf_of(card(card_of("pl")))
    beside.cancel()


@pytest.mark.anyio
async def test_what_is_too_long_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="letter_too_long"):
        await pdf_of(card(card_of("pl", title="x" * (LONGEST + 1))))


def test_a_card_leaves_out_what_is_empty_and_says_which_words_are_polish() -> None:
    sheet = card(card_of("uk", hours="", bearer=(("Імʼя", "Żaneta"),))).sheets[0]
    assert next(term.name for term in sheet.terms) == "Імʼя"
    assert all(term.value for term in sheet.terms)
    assert {term.language for term in sheet.terms if term.value.startswith("ul.")} == {"pl"}
    assert card(card_of("pl", code="")).sheets[0].door is None

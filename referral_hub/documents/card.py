"""The card a person takes along: where to, when, what for; with a code of the own page, with or without own data."""

from msgspec import Struct

from referral_hub.documents.sheets import Door, Letter, Sheet, Term
from referral_hub.web.wording import translate


class Card(Struct, frozen=True, kw_only=True):
    """Facts in words of `language`; what is empty is left out. `plain`: the title says nothing of what is treated.

    `bearer` (name, contact, what is needed) only where the person wants a card that says who comes; `told` are words
    of the institution, in Polish. `picture` is SVG text of the address behind `code`.
    """

    language: str
    title: str
    what: str = ""
    plain: bool = False
    address: str = ""
    travel: str = ""
    phone: str = ""
    hours: str = ""
    notices: tuple[str, ...] = ()
    day: str = ""
    first_step: str = ""
    papers: str = ""
    cost: str = ""
    sender: str
    sender_phone: str = ""
    number: str
    called: str = ""
    printed_on: str
    bearer: tuple[tuple[str, str], ...] = ()
    picture: str = ""
    code: str = ""
    enter_at: str = ""


def card(*facts: Card) -> Letter:
    """One sheet for each language."""
    return Letter(tuple(_sheet(one) for one in facts))


def _sheet(facts: Card) -> Sheet:
    language = facts.language
    named = (
        *((name, value, "") for name, value in facts.bearer),
        (translate(language, "Your day"), facts.day, ""),
        (translate(language, "Address"), facts.address, "pl"),
        (translate(language, "How to get there"), facts.travel, "pl"),
        (translate(language, "Phone"), facts.phone, ""),
        (translate(language, "Open"), facts.hours, "pl"),
        *((translate(language, "Notice"), words, "pl") for words in facts.notices),
        (translate(language, "First step"), facts.first_step, "pl"),
        (translate(language, "Take with you"), facts.papers, "pl"),
        (translate(language, "Cost"), facts.cost, "pl"),
        (
            translate(language, "If anything is unclear"),
            ", ".join(part for part in (facts.sender, facts.sender_phone) if part),
            "",
        ),
        (translate(language, "Number"), " · ".join(filter(None, (facts.number, facts.called, facts.printed_on))), ""),
    )
    return Sheet(
        language=language,
        title=facts.title,
        lead=(facts.what,) if facts.what else (),
        terms=tuple(Term(name, value, "" if own == language else own) for name, value, own in named if value),
        door=_door(facts),
    )


def _door(facts: Card) -> Door | None:
    if not facts.code:
        return None
    language = facts.language
    return Door(
        words=translate(
            language, "Here you can see what is happening, say how it went, and stop the sharing of your data:"
        ),
        picture=facts.picture,
        alt=translate(language, "QR code of your own page; the same page opens with the code beside it"),
        enter_at=facts.enter_at,
        code_word=translate(language, "Code"),
        code=facts.code,
    )

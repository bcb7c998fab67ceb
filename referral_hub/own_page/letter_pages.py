"""Letters of a referral as PDF: the card, with or without the person's data, and the word that sharing has ended."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.documents.card import Card, card
from referral_hub.documents.qr import drawn_code
from referral_hub.documents.typesetting import pdf_of
from referral_hub.documents.withdrawal import withdrawal
from referral_hub.errors import NotFound
from referral_hub.matching.queries import Offered, offered
from referral_hub.own_page.card_pages import COOKIE, card_facts, code_in
from referral_hub.own_page.withdrawals import withdrawal_facts
from referral_hub.participants.letters import note_letter
from referral_hub.referrals.queries import Referral, referral
from referral_hub.referrals.saying import said
from referral_hub.web.formats import short_day
from referral_hub.web.forms import Form
from referral_hub.web.letters import pdf_answer
from referral_hub.web.look import look_of
from referral_hub.web.wording import LANGUAGES, sentence_of, speaking

Answer = Response[bytes]
ON_CARD: Final = ("label", "contact", "case_code", "need")


@post("/referrals/{task:uuid}/card/letter", opt=needs(Permission.REFERRAL_SEND), status_code=200)
async def card_letter(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The card as a PDF in one or two languages; `with_data` puts on it who comes, which is opened and logged."""
    form, actor = Form(await request.form()), actor_of(request)
    languages = languages_of(form, look_of(request).language)
    with_data = form.flag("with_data")
    form.check()
    found = await _sent(actor, task, open_person=ON_CARD if with_data else ())
    match = await offered(found.offer.id, None, None, clock.today())
    if found.party != "SND" or found.person_id is None or match is None:
        raise NotFound
    code = code_in(request.cookies.get(COOKIE, ""))
    sheets = [await _card(found, match.offered, code, language, with_data) for language in languages]
    pdf = await pdf_of(card(*sheets))
    printed = _on_card(match.offered.is_sensitive) if with_data else ()
    fields = [name for name in printed if found.person.get(name)]
    await note_letter("card", by=actor.scope, participant=found.person_id, fields=fields, task=task)
    return pdf_answer(pdf, "karta")


@post("/referrals/{task:uuid}/withdrawal/letter", opt=needs(Permission.REFERRAL_SEND), status_code=200)
async def withdrawal_letter(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """That sharing has ended, for the person to keep. 404 while it goes on."""
    form, actor = Form(await request.form()), actor_of(request)
    languages = languages_of(form, look_of(request).language)
    form.check()
    found = await _sent(actor, task)
    if found.party != "SND" or found.person_id is None:
        raise NotFound
    sheets = [await withdrawal_facts(found, actor, language) for language in languages]
    pdf = await pdf_of(withdrawal(*sheets))
    await note_letter("withdrawal", by=actor.scope, participant=found.person_id, fields=["case_code"], task=task)
    return pdf_answer(pdf, "potwierdzenie")


async def _sent(actor: Actor, task: UUID, *, open_person: Collection[str] = ()) -> Referral:
    """The referral as whoever sends sees it; a letter carries no words of its story, so none are read."""
    return await referral(actor.acting_for(Permission.REFERRAL_SEND), task, open_person=open_person, read_words=False)


def languages_of(form: Form, first: str) -> tuple[str, ...]:
    """The languages asked for: `language` (else the page's own) and, beside it, `also`."""
    chosen = form.choice("language", LANGUAGES, required=False) or first
    also = form.choice("also", LANGUAGES, required=False)
    return (chosen,) if also in (None, chosen) else (chosen, str(also))


async def _card(found: Referral, shown: Offered, code: tuple[str, str] | None, language: str, with_data: bool) -> Card:
    facts = await card_facts(found, shown, language)
    site, hidden = facts["site"], facts["hidden"]
    printed = site is not None and site.may_be_printed
    address, short = code or ("", "")
    with speaking(language):
        today = short_day(facts["today"])
    return Card(
        language=language,
        title=facts["title"],
        what=facts["what"],
        address=site.address if printed else "",
        travel=(site.travel or "") if printed else "",
        phone=shown.phone,
        hours=(site.hours_text or "") if site else "",
        notices=tuple(facts["notices"]),
        day=facts["day"],
        first_step="" if hidden else shown.first_step,
        papers="" if hidden else shown.papers,
        cost=shown.cost,
        sender=found.sender.name,
        sender_phone=facts["sender_phone"],
        number=found.number,
        called=sentence_of(language, "called", "issued") if found.issued else "",
        printed_on=today,
        bearer=_bearer(found, language, hidden) if with_data else (),
        picture=drawn_code(address) if code else "",
        code=short,
        enter_at=facts["enter_at"],
    )


def _bearer(found: Referral, language: str, hidden: bool) -> tuple[tuple[str, str], ...]:
    """Who comes, in words."""
    fields = [(name, said(name, found.person.get(name), language)) for name in _on_card(hidden)]
    return tuple((sentence_of(language, "field", name), value) for name, value in fields if value)


def _on_card(hidden: bool) -> tuple[str, ...]:
    """What is printed of the person; at a place that treats what others need not know, not what for."""
    return tuple(name for name in ON_CARD if not (hidden and name == "need"))


routes = [card_letter, withdrawal_letter]

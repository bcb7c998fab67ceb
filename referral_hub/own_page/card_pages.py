"""The printed card: for a person who goes alone, and the code under which a person sees the own matters."""

from typing import Any
from uuid import UUID

import segno
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from markupsafe import Markup
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.links import make_link
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.notices import notices_today
from referral_hub.errors import NotFound
from referral_hub.institutions.contacts import phone_of
from referral_hub.matching.queries import Offered, offered
from referral_hub.referrals.queries import Referral, referral
from referral_hub.referrals.saying import appointment
from referral_hub.settings import settings
from referral_hub.vocabularies import book
from referral_hub.web.look import look_of
from referral_hub.web.page import page, render
from referral_hub.web.wording import LANGUAGES, speaking

Answer = Response[bytes]
COOKIE = "hub_card"
MINUTES = 15


class Code(Struct, frozen=True):
    """What the card carries of the participant's link: an address with a secret, its picture, and a short code."""

    address: str
    short: str
    picture: Markup


async def make_card(actor: Actor, task: UUID) -> str:
    """A new participant's link for the person of a task, as `hand_over` takes it. Raises NotFound."""
    found = await referral(actor, task, open_person=False, read_words=False)
    if found.person_id is None or found.party != "SND":
        raise NotFound
    secret, link = await make_link("p", by=actor.scope, subject=found.person_id, with_code=True)
    return f"{secret}:{link.code}"


def hand_over(answer: Response[Any], task: str, made: str) -> None:
    """Give the secret to the browser that prints, for some minutes: the database keeps only its digest."""
    answer.cookies.append(
        Cookie(
            COOKIE,
            value=made,
            path=f"/referrals/{task}/card",
            max_age=MINUTES * 60,
            httponly=True,
            samesite="strict",
            secure=settings().https,
        )
    )


@post("/referrals/{task:uuid}/card", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_card(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Make a code for the person and show the card with it."""
    made = await make_card(actor_of(request), task)
    answer = Response(b"", status_code=303, headers={"Location": f"/referrals/{task}/card"})
    hand_over(answer, str(task), made)
    return answer


@get("/referrals/{task:uuid}/card", opt=needs(Permission.REFERRAL_SEND))
async def show_card(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The card, ready to print, in the language `in`; with the code where it was made just now."""
    found = await referral(actor_of(request), task, open_person=False, read_words=False)
    if found.party != "SND":
        raise NotFound
    match = await offered(found.offer.id, None, None, clock.today())
    if match is None:
        raise NotFound
    language = request.query_params.get("in", "")
    language = language if language in LANGUAGES else look_of(request).language
    code = _code(request.cookies.get(COOKIE, ""))
    card = await _card(found, match.offered, code, language)
    return page(
        request,
        "referrals/card.html",
        referral=found,
        card=card,
        has_code=code is not None,
        card_language=language,
        all_languages=LANGUAGES,
    )


async def card_facts(found: Referral, shown: Offered, language: str) -> dict[str, Any]:
    """What stands on a card; sensitive places are printed under a word that does not say what they treat."""
    hidden = shown.is_sensitive
    return {
        "title": book.neutral_title(shown.kind, language) if hidden else shown.institution_name,
        "what": "" if hidden else shown.title,
        "shown": shown,
        "hidden": hidden,
        "site": shown.site,
        "referral": found,
        "sender_phone": await phone_of(found.sender.id),
        "notices": await notices_today(found.offer.id) if _may_be_told(shown) else [],
        "day": _own_day(found, shown, language),
        "today": clock.today(),
        "enter_at": f"{settings().public_url}/p",
    }


def _own_day(found: Referral, shown: Offered, language: str) -> str:
    """The agreed day that is still to come, in words, and where, unless the place is not for paper."""
    if found.appointment_at[:10] < clock.today().isoformat():
        return ""
    with speaking(language):
        day = appointment(found.appointment_at)
    named = found.appointment_place and (shown.site is None or shown.site.may_be_printed)
    return f"{day}, {found.appointment_place}" if named else day


async def _card(found: Referral, shown: Offered, code: Code | None, language: str) -> Markup:
    facts = {**await card_facts(found, shown, language), "code": code}
    return Markup(render("referrals/card_part.html", language, facts))  # noqa: S704 -- rendered by our escaping environment


def _may_be_told(shown: Offered) -> bool:
    """Words of the institution may name it or its address: not on paper where either is kept to oneself."""
    return not shown.is_sensitive and (shown.site is None or shown.site.may_be_printed)


def code_in(cookie: str) -> tuple[str, str] | None:
    """The address with the secret and the short code, as `hand_over` gave them; None where nothing was."""
    secret, _, short = cookie.partition(":")
    if not (20 <= len(secret) <= 100 and secret.isascii() and short.isalnum()):
        return None
    return f"{settings().public_url}/p/{secret}", f"{short[:4]} {short[4:]}"


def _code(cookie: str) -> Code | None:
    found = code_in(cookie)
    if found is None:
        return None
    address, short = found
    drawn = segno.make(address, error="m").svg_inline(scale=4, light="#ffffff", svgclass="qr", lineclass=None)
    return Code(address, short, Markup(drawn))  # noqa: S704 -- drawn by segno from our address


routes = [post_card, show_card]

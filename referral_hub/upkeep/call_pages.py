"""The coordinator's list of partners to call: the number to dial, and what was heard, in one tap."""

import secrets
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.queries import institution_name
from referral_hub.directory.reading_actions import MOST
from referral_hub.errors import Refused
from referral_hub.upkeep.asking_actions import send_capacity_link
from referral_hub.upkeep.call_actions import HEARD, note_call
from referral_hub.upkeep.queries import call_list, how_many_outside, one_partner, outside_list
from referral_hub.upkeep.schemas import Partner
from referral_hub.vocabularies.book import label
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
CALLER: Final = needs(Permission.DIRECTORY_MODERATE)
PER_PAGE: Final = 20
LATEST: Final = timedelta(days=90)
TOLD: Final = (*HEARD, "link", "no_link")


@get("/calls", opt=CALLER, include_in_schema=False)
async def calls(request: HubRequest) -> Response[bytes]:
    """Whom to call now, and who is put off to another day."""
    return await _list(request)


@get("/calls/outside", opt=CALLER, include_in_schema=False)
async def outside(request: HubRequest) -> Response[bytes]:
    """Partners nobody asks by mail, since they never took part: an invitation by phone."""
    number = _number(request, 9999)
    partners, total = await outside_list(number, PER_PAGE)
    pages = max(1, -(-total // PER_PAGE))
    if number > pages:
        partners, total = await outside_list(number := pages, PER_PAGE)
    return await _page(request, "upkeep/outside.html", partners, total=total, number=number, pages=pages)


@post("/calls/{institution:uuid}", opt=CALLER, include_in_schema=False)
async def heard(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """What the call brought: no change, other numbers (`free-<offer>`), or nobody answered."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        answer = form.choice("heard", HEARD) or ""
        numbers = _numbers(form) if answer == "new_number" else {}
        today = clock.today()
        again_on = form.date("again_on", required=False, earliest=today, latest=today + LATEST)
        contact, seen = form.id("contact", required=False), _seen(form)
        form.check()
        await note_call(
            institution, answer, actor=actor, numbers=numbers, again_on=again_on, contact=contact, seen=seen
        )
        return go(f"/calls?told={answer}&about={institution}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _list(request, typed={institution: form}, status=422)


@post("/calls/{institution:uuid}/link", opt=CALLER, include_in_schema=False)
async def send_link(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """Mail the institution a link by which it tells its places itself."""
    sent = await send_capacity_link(institution, by=actor_of(request).scope)
    return go(f"/calls?told={'link' if sent else 'no_link'}&about={institution}")


def _seen(form: Form) -> tuple[UUID, int] | None:
    """The call task as the page showed it; None from a page without one."""
    task, tries = form.id("task", required=False), form.whole("tries", least=0, most=10**6, required=False)
    return None if task is None else (task, tries or 0)


def _numbers(form: Form) -> dict[UUID, int]:
    """The filled fields `free-<offer>`; an empty one leaves its offer as it was."""
    found: dict[UUID, int] = {}
    for name in form.values("offer"):
        number = form.whole(f"free-{name[:36]}", most=MOST, required=False)
        offer = Form({"offer": name}).id("offer")
        if offer is not None and number is not None:
            found[offer] = number
    return found


def _number(request: HubRequest, most: int) -> int:
    asked = request.query_params.get("page", "1")
    return min(most, max(1, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1))


async def _list(request: HubRequest, *, typed: dict[UUID, Form] | None = None, status: int = 200) -> Response[bytes]:
    now, later = await call_list()
    pages = max(1, -(-len(now) // PER_PAGE))
    number = _number(request, pages)
    shown = now[(number - 1) * PER_PAGE : number * PER_PAGE]
    for institution in typed or {}:
        # A refused answer is shown again, also where its partner stands on another page or on no list.
        if institution not in {one.id for one in shown} and (refused := await one_partner(institution)) is not None:
            shown = [refused, *shown]
    return await _page(
        request,
        "partner/calls.html",
        shown,
        status=status,
        later=later,
        total=len(now),
        outside=await how_many_outside(),
        number=number,
        pages=pages,
        typed=typed or {},
    )


async def _page(
    request: HubRequest, template: str, shown: list[Partner], *, status: int = 200, **facts: Any
) -> Response[bytes]:
    told = request.query_params.get("told", "")
    about = Form({"about": request.query_params.get("about", "")}).id("about", required=False)
    known = told in TOLD and about is not None
    language = look_of(request).language
    return page(
        request,
        template,
        status=status,
        partners=shown,
        kinds={one.kind: label("kind", one.kind, language) for one in shown},
        keys={one.id: secrets.token_urlsafe(12) for one in shown},
        told=told if known else "",
        about=await institution_name(about) if known and about else "",
        put_off=await _put_off(about) if known and about and told == "nobody_answered" else None,
        tomorrow=clock.today() + timedelta(days=1),
        **{"typed": {}, **facts},
    )


async def _put_off(institution: UUID) -> Any:
    partner = await one_partner(institution)
    return partner.task.due_on if partner and partner.task else None


routes = [calls, outside, heard, send_link]

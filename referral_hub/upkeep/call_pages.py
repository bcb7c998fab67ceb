"""The coordinator's list of silent partners: the number to dial, and what was heard, in one tap."""

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
from referral_hub.directory.queries import institution_name, silent_partners
from referral_hub.directory.reading_actions import MOST
from referral_hub.errors import Refused
from referral_hub.upkeep.asking_actions import note_call, send_capacity_link
from referral_hub.vocabularies.book import label
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
CALLER: Final = needs(Permission.DIRECTORY_MODERATE)
PER_PAGE: Final = 20
TOLD: Final = ("no_change", "new_number", "nobody_answered", "link", "no_link")


@get("/calls", opt=CALLER, include_in_schema=False)
async def calls(request: HubRequest) -> Response[bytes]:
    """Whom to call now, and who is put off to another day."""
    return await _list(request)


@post("/calls/{institution:uuid}", opt=CALLER, include_in_schema=False)
async def heard(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """What the call brought: no change, other numbers (`free-<offer>`), or nobody answered."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        answer = form.choice("heard", ("no_change", "new_number", "nobody_answered")) or ""
        numbers = _numbers(form) if answer == "new_number" else {}
        again_on = form.date(
            "again_on",
            required=False,
            earliest=clock.today(),
            latest=clock.today() + timedelta(days=90),
        )
        form.check()
        await note_call(institution, answer, actor=actor, numbers=numbers, again_on=again_on)
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


def _numbers(form: Form) -> dict[UUID, int]:
    """The filled fields `free-<offer>`; an empty one leaves its offer as it was."""
    found: dict[UUID, int] = {}
    for name in form.values("offer"):
        number = form.whole(f"free-{name[:36]}", most=MOST, required=False)
        offer = Form({"offer": name}).id("offer")
        if offer is not None and number is not None:
            found[offer] = number
    return found


async def _list(request: HubRequest, *, typed: dict[UUID, Form] | None = None, status: int = 200) -> Response[bytes]:
    now, later = await silent_partners()
    asked = request.query_params.get("page", "1")
    pages = max(1, -(-len(now) // PER_PAGE))
    number = min(pages, max(1, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1))
    shown = now[(number - 1) * PER_PAGE : number * PER_PAGE]
    # A refused answer is shown again even where its partner stands on another page.
    shown += [one for one in (*now, *later) if typed and one.id in typed and one not in shown]
    told = request.query_params.get("told", "")
    about = Form({"about": request.query_params.get("about", "")}).id("about", required=False)
    language = look_of(request).language
    return page(
        request,
        "partner/calls.html",
        status=status,
        partners=shown,
        later=later,
        stopped=sum(one.ever_told for one in now),
        never=sum(not one.ever_told for one in now),
        number=number,
        pages=pages,
        kinds={one.kind: label("kind", one.kind, language) for one in (*shown, *later)},
        keys={one.id: secrets.token_urlsafe(12) for one in shown},
        typed=typed or {},
        told=told if told in TOLD and about else "",
        about=await institution_name(about) if told in TOLD and about else "",
        tomorrow=clock.today() + timedelta(days=1),
    )


routes = [calls, heard, send_link]

"""„Komunikaty”: an editor, or the coordinator for an institution, says in two taps that it is closed on Friday."""

from secrets import token_urlsafe
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.notice_words import AHEAD, LONGEST
from referral_hub.directory.notices import add_notice, end_notice, notices_to_care_for
from referral_hub.directory.queries import institution_name, offers_of, sites_of
from referral_hub.errors import NotFound, Refused
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)


@get("/my-offers/notices", opt=EDITOR, include_in_schema=False)
async def notices(request: HubRequest) -> Response[bytes]:
    """What stands, and a form for the next one; `?about=` an offer or site, `?institution=` for a coordinator."""
    today = clock.today().isoformat()
    start = {"from_on": today, "until_on": today, "about": request.query_params.get("about", "")[:40]}
    institution = _home(actor_of(request), request.query_params.get("institution", ""))
    return await _notices(request, institution, Form({**start, "key": token_urlsafe(12)}))


@post("/my-offers/notices", opt=EDITOR, include_in_schema=False)
async def say(request: HubRequest) -> Response[Any]:
    """Put it up at once; it begins and ends by its days."""
    actor, form = actor_of(request), Form(await request.form())
    institution = _home(actor, form.value("institution"))

    async def work() -> Response[Any]:
        text = form.text("text", most=LONGEST)
        from_on, until_on = form.date("from_on"), form.date("until_on")
        about = form.id("about", required=False)
        form.check()
        if from_on is not None and until_on is not None:
            await add_notice(
                institution,
                text,
                from_on=from_on,
                until_on=until_on,
                actor=actor,
                about=about,
                sure=form.flag("sure"),
            )
        return go(_address(institution, actor, "said"))

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _notices(request, institution, form, status=422)


@post("/my-offers/notices/{notice:uuid}/end", opt=EDITOR, include_in_schema=False)
async def take_back(request: HubRequest, notice: FromPath[UUID]) -> Response[Any]:
    """End it before its last day."""
    actor = actor_of(request)
    return go(_address(await end_notice(notice, actor=actor), actor, "ended"))


def _home(actor: Actor, named: str) -> UUID:
    """The actor's own institution, or the one a coordinator named. Raises NotFound."""
    wished = Form({"institution": named}).id("institution", required=False) if named else actor.institution
    if wished is None or (wished != actor.institution and not actor.may(Permission.DIRECTORY_MODERATE)):
        raise NotFound
    return wished


def _address(institution: UUID, actor: Actor, done: str) -> str:
    other = f"&institution={institution}" if institution != actor.institution else ""
    return f"/my-offers/notices?done={done}{other}"


async def _notices(request: HubRequest, institution: UUID, form: Form, status: int = 200) -> Response[bytes]:
    actor, today = actor_of(request), clock.today()
    name = await institution_name(institution)
    sites = [(str(one.id), one.name or one.street or one.place) for one in await sites_of(institution)]
    offers = [(str(one.id), one.title) for one in await offers_of(institution)]
    done = request.query_params.get("done", "")
    return page(
        request,
        "partner/notices.html",
        status=status,
        form=form,
        institution=institution,
        name=name,
        own=institution == actor.institution,
        standing=await notices_to_care_for(institution, actor),
        abouts=[*offers, *(sites if len(sites) > 1 else [])],
        today=today,
        latest=today + AHEAD,
        longest=LONGEST,
        unsure=any(problem.code == "notice_names_somebody" for problem in form.problems),
        done=done if done in ("said", "ended") else "",
    )


routes = [notices, say, take_back]

"""What both ends tell differently: the list, and one item to settle."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.closure.actions import WORDS_LENGTH, settle
from referral_hub.closure.queries import Item, item_of, last_answers, to_settle
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.referrals.case import in_each_role
from referral_hub.referrals.closing import KINDS, verdicts_for
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
SETTLER: Final = needs(Permission.DISCREPANCY_SETTLE)


@get("/discrepancies", opt=SETTLER, include_in_schema=False)
async def show_discrepancies(request: HubRequest) -> Response[bytes]:
    """What waits to be settled, and what people said lately; case codes only."""
    actor = actor_of(request)
    return page(
        request,
        "closure/list.html",
        items=await to_settle(actor),
        answers=await last_answers(actor),
        settled=request.query_params.get("done") == "settled",
        **_words(request),
    )


@get("/referrals/{task:uuid}/discrepancy", opt=SETTLER, include_in_schema=False)
async def show_discrepancy(request: HubRequest, task: FromPath[UUID]) -> Response[bytes]:
    """One item, with both words and the ways to settle it."""
    return await _one(request, task, Form())


@post("/referrals/{task:uuid}/discrepancy", opt=SETTLER, include_in_schema=False)
async def post_discrepancy(request: HubRequest, task: FromPath[UUID]) -> Response[Any]:
    """What holds, as far as a person could find out; both reports stay as they are."""
    actor, form = actor_of(request), Form(await request.form())
    kind = form.choice("kind", KINDS)
    verdict = form.choice("verdict", verdicts_for(kind or ""))
    words = form.text("words", required=False, most=WORDS_LENGTH, lines=True)
    try:
        form.check()
        await settle(task, actor=actor, verdict=verdict or "", words=words, kind=kind or "")
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _one(request, task, form, status=refusal.status)
    return go("/discrepancies?done=settled")


async def _one(request: HubRequest, task: UUID, form: Form, status: int = 200) -> Response[bytes]:
    item = await _found(task, actor_of(request))
    return page(
        request,
        "closure/one.html",
        status=status,
        item=item,
        form=form,
        verdicts=verdicts_for(item.kind),
        most=WORDS_LENGTH,
        **_words(request),
    )


async def _found(task: UUID, actor: Actor) -> Item:
    for one in in_each_role(actor):
        item = await item_of(task, one)
        if item is not None:
            return item
    raise NotFound


def _words(request: HubRequest) -> dict[str, Any]:
    language = look_of(request).language
    return {"label": lambda vocabulary, code: book.label(vocabulary, code, language)}


routes = [show_discrepancies, show_discrepancy, post_discrepancy]

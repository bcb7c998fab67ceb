"""What is done to several referrals of the worklist at once: remind, hand over, close; what became of each is told."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.caseworkers import caseworkers_of
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.caseload.closing import close
from referral_hub.caseload.handing_over import hand_over, pairs
from referral_hub.caseload.listing import shown_rows
from referral_hub.caseload.reminding import Told, remind, take_back
from referral_hub.database.columns import new_id
from referral_hub.errors import Refused
from referral_hub.referrals.ending import reasons_to_end
from referral_hub.referrals.queries import worklist
from referral_hub.referrals.worklist import ALL
from referral_hub.referrals.worklist_asked import Asked
from referral_hub.settings import settings
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]
MOST = 100


@post("/referrals/bulk", opt=needs(Permission.REFERRAL_SEND), status_code=200)
async def post_bulk(request: Request[Any, Any, Any]) -> Answer:
    """`act`: remind, unremind (take that back), hand_over (choose whom), hand_over_to, hand_back, close (choose why),
    close_with, print."""
    form, actor = Form(await request.form()), actor_of(request)
    act = form.value("act")
    if act not in ("remind", "unremind", "hand_over_to", "hand_back", "close_with"):
        return await _choose(request, form)

    async def work() -> Answer:
        return await _done(request, form)

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        if act in ("remind", "unremind", "hand_back"):
            raise
        form.take(refusal)
        return await _choose(request, form, status=422)


async def _done(request: Request[Any, Any, Any], form: Form) -> Answer:
    actor, act, chosen = actor_of(request), form.value("act"), marked(form)
    before: dict[UUID, UUID] = {}
    if act == "remind":
        told = await remind(list(chosen), actor=actor, hold_back=settings().undo_seconds)
    elif act == "unremind":
        told = await take_back(list(chosen), actor=actor)
    elif act == "hand_back":
        told, _ = await hand_over(pairs(form.values("back")), actor=actor)
    elif act == "hand_over_to":
        to = form.id("to")
        form.check()
        told, before = await hand_over({task: to for task in chosen if to}, actor=actor)
    else:
        reason = form.choice("reason", reasons_to_end())
        text = form.text("text", required=False, most=1000, lines=True)
        if reason == "other" and not text:
            form.add("text", "other_reason_is_described")
        if reason and reason != "other" and text:
            form.add("text", "only_other_reason_is_described")
        form.check()
        told = await close(chosen, actor=actor, reason=reason or "", text=text)
    waiting = [one.task for one in told if one.code == "reminded"] if settings().undo_seconds else []
    return page(
        request,
        "caseload/told.html",
        act=act,
        told=told,
        before=before,
        reminded=waiting,
        key=str(new_id()),
        back="/referrals",
    )


async def _choose(request: Request[Any, Any, Any], form: Form, status: int = 200) -> Answer:
    """The second step of handing over and closing, the list for paper, or a word that nothing was marked."""
    actor, language, chosen = actor_of(request), look_of(request).language, marked(form)
    act = form.value("act")
    rows = await worklist(actor, box=ALL, scope="institution", per_page=MOST, asked=Asked(tasks=tuple(chosen)))
    if act == "print":
        return page(
            request,
            "caseload/print.html",
            listed=rows,
            rows=shown_rows(rows.items, actor, language),
            now=clock.now(),
            back="/referrals",
        )
    return page(
        request,
        "caseload/bulk.html",
        status=status,
        act="close" if act.startswith("close") else "hand_over" if act.startswith("hand_over") else "",
        rows=rows.items,
        form=form,
        colleagues=[(one.id, one.name) for one in await caseworkers_of(actor.institution) if one.id != actor.account],
        reasons=[(code, book.label("reason", code, language)) for code in reasons_to_end()],
        key=str(new_id()),
    )


@post("/referrals/{task:uuid}/remind", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_remind(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Remind one; the referral's page says what became of it."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        waits = settings().undo_seconds
        told: Told = (await remind([task], actor=actor, hold_back=waits))[0]
        return go(f"/referrals/{task}?done={'reminder_waits' if waits and told.done else told.code}")

    return await once(request, actor.scope, work, key=form.value("key"))


@post("/referrals/{task:uuid}/unremind", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_unremind(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Take a reminder back before it leaves."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        return go(f"/referrals/{task}?done={(await take_back([task], actor=actor))[0].code}")

    return await once(request, actor.scope, work, key=form.value("key"))


def marked(form: Form) -> dict[UUID, int]:
    """The referrals that were ticked, `id:version`, at most a hundred; what is no such pair is left out."""
    found = {}
    for text in form.values("task")[:MOST]:
        task, _, version = text.partition(":")
        try:
            found[UUID(task)] = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        except ValueError:
            continue
    return found


routes = [post_bulk, post_remind, post_unremind]

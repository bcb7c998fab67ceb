"""The network's times on a page: what holds now, and the times of one kind to change."""

from typing import Any, Final

from litestar import Request, Response, get, post
from msgspec import structs

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import Refused
from referral_hub.referrals import clock_api
from referral_hub.referrals.clock_settings import (
    ALL,
    MOST_DAYS,
    PARTS,
    PRIORITIES,
    SLOW,
    ClockRow,
    clock_row,
    clock_table,
    out_of_order,
    reset_clocks,
    set_clocks,
)
from referral_hub.referrals.clocks import Times
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
SETTER: Final = needs(Permission.SETTINGS_EDIT)


@get("/settings", opt=SETTER, include_in_schema=False)
async def show_settings(request: HubRequest) -> Answer:
    """How long each kind of partner has to answer, in business days."""
    language = look_of(request).language
    rows = await clock_table()
    saved = request.query_params.get("saved") == "1"
    names = {row.kind: book.label("kind", row.kind, language) for row in rows}
    slow = [book.label("kind", kind, language) for kind in sorted(book.slow_kinds())]
    kinds = [(code, label) for code, label in book.terms("kind", language, sort=True) if code not in names]
    return page(
        request,
        "referrals/clocks.html",
        rows=[
            {"kind": row.kind, "times": {name: structs.asdict(one) for name, one in row.times.items()}} for row in rows
        ],
        parts=PARTS,
        names=names,
        slow=slow,
        kinds=kinds,
        priorities=PRIORITIES,
        form=Form({}),
        saved=saved,
    )


@get("/settings/clocks", opt=SETTER, include_in_schema=False)
async def show_clock(request: HubRequest) -> Answer:
    """The times of one kind, to change."""
    row = await clock_row(request.query_params.get("kind", "")[:60])
    typed = {f"{priority}_{part}": str(getattr(times, part)) for priority, times in row.times.items() for part in PARTS}
    return _one(request, row, Form(typed))


@post("/settings/clocks", opt=SETTER, include_in_schema=False)
async def post_clock(request: HubRequest) -> Answer:
    """Keep the times: they hold for clocks that start from now on."""
    form = Form(await request.form())
    row = await clock_row(form.value("kind")[:60])
    try:
        days = {
            priority: {part: form.whole(f"{priority}_{part}", least=1, most=MOST_DAYS) for part in PARTS}
            for priority in PRIORITIES
        }
        for priority, parts in days.items():
            form.problems += out_of_order(priority, parts)
        form.check()
        times = {priority: Times(**{part: day or 0 for part, day in parts.items()}) for priority, parts in days.items()}
        await set_clocks(row.kind, times, actor=actor_of(request))
    except Refused as refusal:
        form.take(refusal)
        return _one(request, row, form, status=422)
    return go("/settings?saved=1")


@post("/settings/clocks/reset", opt=SETTER, include_in_schema=False)
async def post_reset(request: HubRequest) -> Answer:
    """Back to the times the kind would have without its own."""
    form = Form(await request.form())
    await reset_clocks((await clock_row(form.value("kind")[:60])).kind, actor=actor_of(request))
    return go("/settings?saved=1")


def _one(request: HubRequest, row: ClockRow, form: Form, status: int = 200) -> Answer:
    name = "" if row.kind in (ALL, SLOW) else book.label("kind", row.kind, look_of(request).language)
    return page(
        request,
        "referrals/clock.html",
        status=status,
        row=row,
        form=form,
        name=name,
        priorities=PRIORITIES,
        most=MOST_DAYS,
    )


routes = [show_settings, show_clock, post_clock, post_reset, *clock_api.routes]

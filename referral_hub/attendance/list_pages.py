"""Attendance lists of one's own institution: one tap a person on a phone, or a sheet of paper."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.attendance.marking import MOST_HOURS, MOST_OTHERS, close_list, count_others, mark, mark_all, undo_last
from referral_hub.attendance.queries import held_by, list_of, lists_of
from referral_hub.attendance.sum_queries import sums_of
from referral_hub.errors import NotFound, Refused
from referral_hub.referrals.fields import ATTENDANCE
from referral_hub.timetable.pages import number_in
from referral_hub.timetable.queries import leader_text, offer_of
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
MARKS: Final = needs(Permission.ATTENDANCE_MARK)


@get("/attendance", opt=MARKS, include_in_schema=False)
async def show_lists(request: HubRequest) -> Response[bytes]:
    """Lists to close, and the meetings of the next days."""
    actor = actor_of(request)
    begun, ahead = await lists_of(actor, now=clock.now())
    return page(request, "attendance/lists.html", begun=begun, ahead=ahead)


@get("/my-offers/{offer:uuid}/meetings/{meeting:uuid}/attendance", opt=MARKS, include_in_schema=False)
async def show_list(request: HubRequest, offer: FromPath[UUID], meeting: FromPath[UUID]) -> Response[bytes]:
    """Who is expected, under case codes."""
    return await _list(request, offer, meeting, Form({}))


@post(
    "/my-offers/{offer:uuid}/meetings/{meeting:uuid}/attendance/names",
    opt=MARKS,
    include_in_schema=False,
    status_code=200,
)
async def show_names(request: HubRequest, offer: FromPath[UUID], meeting: FromPath[UUID]) -> Response[bytes]:
    """The same with the names this institution may see; each opening is logged."""
    return await _list(request, offer, meeting, Form({}), names=True)


@post("/my-offers/{offer:uuid}/meetings/{meeting:uuid}/attendance", opt=MARKS, include_in_schema=False)
async def post_mark(request: HubRequest, offer: FromPath[UUID], meeting: FromPath[UUID]) -> Response[Any]:
    """One tap: a mark; everybody left (`all`), the last tap taken back (`undo`), `others`, the list's end (`close`)."""
    actor, form = actor_of(request), Form(await request.form())
    await held_by(actor, meeting, offer)
    here = f"/my-offers/{offer}/meetings/{meeting}/attendance"
    act = form.value("act")
    try:
        if act == "all":
            return go(f"{here}?all={await mark_all(meeting, actor=actor, offer=offer)}")
        if act == "undo":
            await undo_last(meeting, actor=actor, offer=offer)
            return go(f"{here}?undone=1")
        if act == "close":
            closed = await close_list(meeting, actor=actor, offer=offer)
            return go(f"{here}?closed=1&moved={closed.moved}")
        if act == "others":
            number = form.whole("others", most=MOST_OTHERS)
            form.check()
            await count_others(meeting, number or 0, actor=actor, offer=offer)
            return go(f"{here}?others=1")
        task = form.id("task")
        attendance = form.choice("attendance", ("undo", *ATTENDANCE)) or ""
        hours = _hours(form)
        form.check()
        if task is None:
            raise NotFound
        said = "" if attendance == "undo" else attendance
        await mark(meeting, task, said, actor=actor, offer=offer, hours=hours)
    except Refused as refusal:
        form.take(refusal)
        return await _list(request, offer, meeting, form, status=refusal.status)
    return go(f"{here}#t-{task}")


@get("/my-offers/{offer:uuid}/meetings/{meeting:uuid}/attendance/print", opt=MARKS, include_in_schema=False)
async def print_list(request: HubRequest, offer: FromPath[UUID], meeting: FromPath[UUID]) -> Response[bytes]:
    """A sheet with case codes and room for signatures; no name and no need stands on it."""
    actor, language = actor_of(request), look_of(request).language
    shown, met = await held_by(actor, meeting, offer)
    return page(
        request,
        "attendance/print.html",
        offer=shown,
        met=met,
        rows=await list_of(meeting, actor=actor),
        signed=request.query_params.get("signatures", "1") != "0",
        leader=lambda code: leader_text(code, language),
    )


@get("/my-offers/{offer:uuid}/attendance", opt=MARKS, include_in_schema=False)
async def show_sums(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Meetings held, people and hours, month by month."""
    actor = actor_of(request)
    shown = await offer_of(offer)
    if shown.institution != actor.institution:
        raise NotFound
    by_month, together, inside = await sums_of(offer, actor=actor)
    return page(
        request,
        "attendance/sums.html",
        offer=shown,
        months=by_month,
        together=together,
        inside=inside,
        may_edit=actor.may(Permission.OFFER_EDIT),
    )


def _hours(form: Form) -> float | None:
    """Hours as typed, with a comma or a point; None where nothing was typed."""
    typed = form.text("hours", required=False, most=8).replace(",", ".")
    if not typed:
        return None
    try:
        hours = float(typed)
    except ValueError:
        form.add("hours", "not_a_number")
        return None
    if not 0 <= hours <= MOST_HOURS:
        form.add("hours", "out_of_range", least=0, most=int(MOST_HOURS))
        return None
    return round(hours, 2)


async def _list(
    request: HubRequest, offer: UUID, meeting: UUID, form: Form, *, names: bool = False, status: int = 200
) -> Response[bytes]:
    actor, language = actor_of(request), look_of(request).language
    shown, met = await held_by(actor, meeting, offer)
    rows = await list_of(meeting, actor=actor, names=names)
    return page(
        request,
        "attendance/list.html",
        status=status,
        offer=shown,
        met=met,
        rows=rows,
        form=form,
        names=names,
        begun=met.starts_at <= clock.now(),
        left=sum(not row.attendance for row in rows),
        codes=ATTENDANCE,
        done={name: number_in(request, name) for name in ("all", "closed", "moved", "others", "undone")},
        leader=lambda code: leader_text(code, language),
        may_edit=actor.may(Permission.OFFER_EDIT),
    )


routes = [show_lists, show_list, show_names, post_mark, print_list, show_sums]

"""„Kto ma miejsce?” for staff: ask many at once, watch the table fill, write down what was heard on the phone."""

import secrets
from collections import Counter
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import COOKIE, actor_of_session, cookies_of
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.queries import sites_of
from referral_hub.directory.reading_actions import MOST, Said
from referral_hub.enquiries import live
from referral_hub.enquiries.actions import BETWEEN_REMINDERS, LONGEST, answer, ask, close, remind, take_back
from referral_hub.enquiries.emails import question_words
from referral_hub.enquiries.forms import FIELDS, question_form, read_question
from referral_hub.enquiries.live import MOST_NAMED
from referral_hub.enquiries.queries import answers_to, candidates, enquiries_of, enquiry_seen
from referral_hub.enquiries.schemas import Candidate, Question, Seen
from referral_hub.errors import Refused
from referral_hub.vocabularies.book import terms
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
ASKER: Final = needs(Permission.ENQUIRY_ASK)
PER_PAGE: Final = 20
lifespan = live.listening


@get("/enquiries", opt=ASKER, include_in_schema=False)
async def enquiries(request: HubRequest) -> Response[bytes]:
    """What was asked, the newest first."""
    number = _number(request.query_params.get("page", ""))
    actor = actor_of(request)
    shown, total = await enquiries_of(actor, first=(number - 1) * PER_PAGE, most=PER_PAGE)
    language = look_of(request).language
    return page(
        request,
        "enquiries/list.html",
        enquiries=[(one, question_words(_question(one), language)) for one in shown],
        number=number,
        pages=max(1, -(-total // PER_PAGE)),
        own=actor.institution,
    )


@get("/enquiries/new", opt=ASKER, include_in_schema=False)
async def new_enquiry(request: HubRequest) -> Response[bytes]:
    """The question; a link may bring parts of it along."""
    return _form_page(request, question_form(_given(request)))


@get("/enquiries/check", opt=ASKER, include_in_schema=False)
async def check(request: HubRequest) -> Response[bytes]:
    """Whom the question would reach, by which way, before anybody is asked."""
    form = Form(_given(request))
    try:
        question = read_question(form, home=await _home(request))
    except Refused as refusal:
        form.take(refusal)
        return _form_page(request, form, status=422)
    return await _check_page(request, form, question)


@post("/enquiries", opt=ASKER, include_in_schema=False)
async def send(request: HubRequest) -> Response[Any]:
    """Ask."""
    actor, form = actor_of(request), Form(await request.form())
    try:
        question = read_question(form, home=await _home(request))
    except Refused as refusal:
        form.take(refusal)
        return _form_page(request, form, status=422)
    leave_out = {found for name in form.values("leave") if (found := Form({"id": name}).id("id")) is not None}

    async def work() -> Response[Any]:
        made = await ask(question, actor=actor, leave_out=leave_out, known_too=form.flag("known_too"))
        return go(f"/enquiries/{made}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _check_page(request, form, question, status=422)


@get("/enquiries/{enquiry:uuid}", opt=ASKER, include_in_schema=False)
async def show(request: HubRequest, enquiry: FromPath[UUID]) -> Response[bytes]:
    """The question and its table of answers; `?only=` for these offers, as the open page asks for what is new."""
    seen = await enquiry_seen(enquiry, actor_of(request))
    asked = request.query_params.getall("only", [])
    only = [found for name in asked[:MOST_NAMED] if (found := Form({"id": name}).id("id")) is not None]
    return await _show(request, seen, only=only if asked else None)


@get("/enquiries/{enquiry:uuid}/live", opt=ASKER, include_in_schema=False)
async def follow(request: HubRequest, enquiry: FromPath[UUID]) -> Stream:
    """A stream that says `changed` whenever an answer has come."""
    actor = actor_of(request)
    await enquiry_seen(enquiry, actor)
    secret = cookies_of(dict(request.scope["headers"])).get(COOKIE, "")

    async def still() -> bool:
        now = actor if actor.by_key else await actor_of_session(secret)
        return now is not None and now.may(Permission.ENQUIRY_ASK)

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(live.changes(enquiry, still), media_type="text/event-stream", headers=headers)


@post("/enquiries/{enquiry:uuid}/answers/{offer:uuid}", opt=ASKER, include_in_schema=False)
async def heard(request: HubRequest, enquiry: FromPath[UUID], offer: FromPath[UUID]) -> Response[Any]:
    """What was heard on the phone: a number, or none."""
    actor, form = actor_of(request), Form(await request.form())
    seen = await enquiry_seen(enquiry, actor)
    try:
        act = form.choice("act", ("yes", "no"))
        free = form.whole("free", least=1, most=MOST) if act == "yes" else 0
        form.check()

        async def work() -> Response[Any]:
            await answer(enquiry, offer, Said(free=free), actor=actor)
            return go(f"/enquiries/{enquiry}#offer-{offer}")

        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _show(request, seen, status=422, typed={offer: form})


@post("/enquiries/{enquiry:uuid}/readings/{reading:uuid}/undo", opt=ASKER, include_in_schema=False)
async def undo(request: HubRequest, enquiry: FromPath[UUID], reading: FromPath[UUID]) -> Response[Any]:
    """Take back what was written down from the phone."""
    actor = actor_of(request)
    seen = await enquiry_seen(enquiry, actor)
    try:
        offer = await take_back(enquiry, reading, actor=actor)
    except Refused as refusal:
        return await _refused(request, seen, refusal)
    return go(f"/enquiries/{enquiry}#offer-{offer}")


@post("/enquiries/{enquiry:uuid}/remind", opt=ASKER, include_in_schema=False)
async def remind_silent(request: HubRequest, enquiry: FromPath[UUID]) -> Response[Any]:
    """One more mail to everybody who has not answered."""
    actor = actor_of(request)
    seen = await enquiry_seen(enquiry, actor)
    try:
        count = await remind(enquiry, actor=actor)
    except Refused as refusal:
        return await _refused(request, seen, refusal)
    return go(f"/enquiries/{enquiry}?reminded={count}")


@post("/enquiries/{enquiry:uuid}/close", opt=ASKER, include_in_schema=False)
async def close_enquiry(request: HubRequest, enquiry: FromPath[UUID]) -> Response[Any]:
    """Wait no longer."""
    await close(enquiry, actor=actor_of(request))
    return go(f"/enquiries/{enquiry}")


async def _home(request: HubRequest) -> str:
    institution = actor_of(request).institution
    sites = await sites_of(institution) if institution else []
    return next((site.terc for site in sites if site.terc), "")


def _given(request: HubRequest) -> dict[str, object]:
    return {name: request.query_params.getall(name) for name in FIELDS if name in request.query_params}


def _number(typed: str) -> int:
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def _question(seen: Seen) -> Question:
    return Question(
        need=seen.need,
        audiences=seen.audiences,
        area=seen.area,
        from_on=seen.from_on,
        people=seen.people,
        ends_on=seen.ends_at.astimezone(clock.WARSAW).date(),
    )


def _form_page(request: HubRequest, form: Form, *, status: int = 200) -> Response[bytes]:
    language = look_of(request).language
    return page(
        request,
        "enquiries/new.html",
        status=status,
        form=form,
        need_terms=terms("need", language),
        audience_terms=terms("audience", language),
        today=clock.today(),
        latest=clock.today() + LONGEST,
        year=clock.today() + timedelta(days=365),
    )


async def _check_page(request: HubRequest, form: Form, question: Question, *, status: int = 200) -> Response[bytes]:
    found = await candidates(question, actor_of(request))
    groups = _by_institution(found)
    return page(
        request,
        "enquiries/check.html",
        status=status,
        form=form,
        fields=[(name, value) for name in FIELDS for value in form.values(name)],
        words=question_words(question, look_of(request).language),
        groups=groups,
        institutions=len(groups),
        ways=Counter(first.way for first, _ in groups),
        key=secrets.token_urlsafe(12),
    )


def _by_institution(found: list[Candidate]) -> list[tuple[Candidate, list[Candidate]]]:
    """Each institution once, by an offer whose number it has to be asked for if there is one, with all that fit."""
    groups: dict[UUID, list[Candidate]] = {}
    for one in found:
        groups.setdefault(one.institution, []).append(one)
    return [(min(offers, key=lambda one: one.way == "known"), offers) for offers in groups.values()]


async def _show(
    request: HubRequest,
    seen: Seen,
    *,
    status: int = 200,
    typed: dict[UUID, Form] | None = None,
    problem: str = "",
    only: list[UUID] | None = None,
) -> Response[bytes]:
    rows = await answers_to(seen, only)
    actor = actor_of(request)
    reminded = request.query_params.get("reminded", "")
    silent = sum(not row.answer and row.channel != "phone" for row in rows)
    return page(
        request,
        "enquiries/show.html",
        status=status,
        enquiry=seen,
        words=question_words(_question(seen), look_of(request).language),
        rows=rows,
        typed=typed or {},
        problem=problem,
        reminded=int(reminded) if reminded.isascii() and reminded.isdigit() and len(reminded) < 6 else 0,
        may_remind=seen.open and silent and seen.made_at < clock.now() - BETWEEN_REMINDERS,
        sending=actor.may(Permission.REFERRAL_SEND),
        hearing=actor.may(Permission.READING_REPORT),
        nonce=secrets.token_urlsafe(9),
        now=clock.now(),
    )


async def _refused(request: HubRequest, seen: Seen, refusal: Refused) -> Response[bytes]:
    return await _show(request, seen, status=422, problem=refusal.code)


routes = [
    enquiries,
    new_enquiry,
    check,
    send,
    show,
    follow,
    heard,
    undo,
    remind_silent,
    close_enquiry,
]

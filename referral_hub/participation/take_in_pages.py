"""„Przyjmij do klubu”: from an accepted referral to one's own register, looking first at what was disclosed."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.errors import NotFound, Refused
from referral_hub.participants.person_forms import person_choices, read_person, same_choices, settled_same
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.participation.forms import read_described
from referral_hub.participation.pages import group_choices
from referral_hub.participation.taking_in import Incoming, offered_person, take_in
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
Answer = Response[bytes]
EDITOR: Final = needs(Permission.PARTICIPATION_EDIT)
TAKEN: Final = ("label", "contact", "sex", "gmina", "groups", "needs")


@get("/referrals/{task:uuid}/club", opt=EDITOR, include_in_schema=False)
async def show_take_in(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """What will happen; the person is still closed."""
    found = await offered_person(task, actor=actor_of(request))
    if found.ours is not None:
        return _to(found.ours)
    return page(request, "participation/take_in.html", found=found, referral=found.referral)


@post("/referrals/{task:uuid}/club", opt=EDITOR, include_in_schema=False, status_code=200)
async def open_take_in(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """The form, filled with what was disclosed to us; the opening is logged."""
    actor = actor_of(request)
    found = await offered_person(task, actor=actor)
    if not found.may_be_taken_in:
        return page(request, "participation/take_in.html", found=found, referral=found.referral)
    found = await offered_person(task, actor=actor, open_person=TAKEN)
    known = found.referral.person
    start: dict[str, object] = {name: known[name] for name in TAKEN if name in known}
    start |= {"sex": known.get("sex", "not_stated"), "language": "pl", "needs": known.get("needs", [])}
    # The gmina travels as a code; a person reads and types its name.
    start["gmina"] = name_of_gmina(str(known.get("gmina", ""))).partition(" (")[0]
    start |= {"started_on": clock.today(), "key": str(new_id())}
    return await _form(request, found, Form(start))


@post("/referrals/{task:uuid}/club/person", opt=EDITOR, include_in_schema=False)
async def post_take_in(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """Our own entry, and the participation that the referral led to."""
    form, actor = Form(await request.form()), actor_of(request)
    found = await offered_person(task, actor=actor)

    async def work() -> Answer:
        same = None
        person: dict[str, Any] = {}
        if found.own_person is None:
            person = read_person(form)
            same = await settled_same(form, person["label"], actor)
        described = read_described(form)
        return _to(await take_in(task, person, described, actor=actor, same=same))

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except NotFound:
        form.add("same", "not_a_choice")
    except Refused as refusal:
        form.take(refusal)
    return await _form(request, found, form, status=422)


async def _form(request: HubRequest, found: Incoming, form: Form, status: int = 200) -> Answer:
    language = look_of(request).language
    return page(
        request,
        "participation/take_in_form.html",
        status=status,
        found=found,
        referral=found.referral,
        form=form,
        main_groups=group_choices(language),
        same=await same_choices(form, actor_of(request)),
        **person_choices(form, language),
    )


def _to(part: UUID) -> Answer:
    return go(f"/participations/{part}?done=started")


routes = [show_take_in, open_take_in, post_take_in]

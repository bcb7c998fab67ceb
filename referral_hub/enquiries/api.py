"""„Kto ma miejsce?” for programs: ask, and read the answers."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.enquiries.actions import ask
from referral_hub.enquiries.forms import usual_end
from referral_hub.enquiries.queries import answers_to, enquiry_seen
from referral_hub.enquiries.schemas import Answer, Question, Seen
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

Code = Annotated[str, Meta(max_length=60)]


class NewEnquiry(Struct, frozen=True):
    """The question: codes of `need` and `audience`, TERC prefixes; `ends_on` three working days ahead by default."""

    need: Code
    audiences: Annotated[list[Code], Meta(max_length=40)] = []
    area: Annotated[list[Annotated[str, Meta(max_length=6)]], Meta(max_length=200)] = []
    people: int = 1
    from_on: date | None = None
    ends_on: date | None = None
    leave_out: Annotated[list[UUID], Meta(max_length=3000)] = []
    known_too: bool = False


class EnquiryAnswers(Struct, frozen=True):
    """The enquiry with every row of its table."""

    enquiry: Seen
    answers: list[Answer]


@post(
    "/api/v1/enquiries",
    opt=needs(Permission.ENQUIRY_ASK)
    | says("Ask who has a place", body=NewEnquiry, answer=EnquiryAnswers, status=201, refusals=(403, 422)),
    status_code=201,
)
async def add_enquiry(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask every institution that could answer; the enquiry with whom it asked."""
    actor = actor_of(request)
    given = await read_json(request, NewEnquiry)
    question = Question(
        need=given.need,
        audiences=given.audiences,
        area=given.area,
        people=given.people,
        from_on=given.from_on,
        ends_on=given.ends_on or usual_end(clock.today()),
    )

    async def work() -> Response[Any]:
        made = await ask(question, actor=actor, leave_out=set(given.leave_out), known_too=given.known_too)
        seen = await enquiry_seen(made, actor)
        return json_answer(EnquiryAnswers(seen, await answers_to(seen)), 201)

    return await once(request, actor.scope, work)


@get(
    "/api/v1/enquiries/{enquiry:uuid}",
    opt=needs(Permission.ENQUIRY_ASK) | says("Who has a place: the answers", answer=EnquiryAnswers, refusals=(404,)),
)
async def get_enquiry(request: Request[Any, Any, Any], enquiry: FromPath[UUID]) -> Response[Any]:
    """One enquiry and its answers."""
    seen = await enquiry_seen(enquiry, actor_of(request))
    return json_answer(EnquiryAnswers(seen, await answers_to(seen)))


routes = [add_enquiry, get_enquiry]

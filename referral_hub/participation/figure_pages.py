"""The year in figures, and the certificate to print."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.documents.typesetting import pdf_of
from referral_hub.participants.free_text import holds_pesel
from referral_hub.participation.certifying import certificate_for
from referral_hub.participation.course import area_of
from referral_hub.participation.figure_queries import figures_of
from referral_hub.participation.pages import year_asked
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.letters import pdf_answer
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]


@get("/participations/year", opt=needs(Permission.PARTICIPATION_READ), include_in_schema=False)
async def show_year(request: HubRequest) -> Response[bytes]:
    """A year of the club, `?year=`; this one by default."""
    language, this_year = look_of(request).language, clock.today().year
    year = year_asked(request) or this_year
    found = await figures_of(year, actor=actor_of(request))
    return page(
        request,
        "participation/year.html",
        figures=found,
        years=range(this_year, this_year - 4, -1),
        area_of=area_of,
        label=lambda vocabulary, code: book.label(vocabulary, code, language),
    )


@post(
    "/participations/{part:uuid}/certificate",
    opt=needs(Permission.PARTICIPATION_EDIT),
    include_in_schema=False,
    status_code=200,
)
async def print_certificate(request: HubRequest, part: FromPath[UUID]) -> Response[bytes]:
    """The letter with the person's name, as typed now or else as it is kept; opening what is kept is logged."""
    form, actor = Form(await request.form()), actor_of(request)
    name = form.text("name", required=False, most=120)
    if holds_pesel(name):
        form.add("name", "text_holds_pesel")
    form.check()
    letter, _ = await certificate_for(part, actor=actor, language=look_of(request).language, name=name)
    return pdf_answer(await pdf_of(letter), "zaswiadczenie")


routes = [show_year, print_certificate]

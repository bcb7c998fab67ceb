"""The list of disclosures as a PDF, for the caseworker and from the person's own page; the end of sharing confirmed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import BY_LINK, actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.documents.disclosure_list import DisclosureList, Line, disclosure_list
from referral_hub.documents.typesetting import pdf_of
from referral_hub.documents.withdrawal import withdrawal
from referral_hub.errors import NotFound
from referral_hub.institutions.contacts import phone_of
from referral_hub.own_page.letter_pages import languages_of
from referral_hub.own_page.own_link_pages import holder, names_shown
from referral_hub.own_page.withdrawals import withdrawal_facts
from referral_hub.participants.letters import note_letter
from referral_hub.participants.queries import DisclosureRow, disclosures_about, person_seen_by
from referral_hub.referrals.queries import referral
from referral_hub.web.formats import moment, short_day
from referral_hub.web.forms import Form
from referral_hub.web.letters import pdf_answer
from referral_hub.web.look import look_of
from referral_hub.web.wording import has, sentence_of, speaking, translate

HubRequest = Request[Any, Any, Any]
Answer = Response[bytes]


@post("/people/{person:uuid}/disclosures/letter", opt=needs(Permission.PERSON_READ), status_code=200)
async def disclosures_letter(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """Who saw or received what, to be handed to the person; under the case code, since a list may be read by others."""
    actor, form = actor_of(request), Form(await request.form())
    languages = languages_of(form, look_of(request).language)
    form.check()
    row = await person_seen_by(actor, person)
    lines = await disclosures_about(actor, person)
    async with connection() as sql:
        keeper = await sql.fetchrow("select id, name from institution where id = $1", actor.institution)
    phone = await phone_of(keeper["id"])
    sheets = [_list(lines, language, row.case_code, keeper["name"], phone) for language in languages]
    pdf = await pdf_of(disclosure_list(*sheets))
    await note_letter("disclosures", by=actor.scope, participant=person, fields=["case_code"])
    return pdf_answer(pdf, "lista")


@post("/p/disclosures/letter", opt=BY_LINK, include_in_schema=False, status_code=200)
async def own_disclosures_letter(request: HubRequest) -> Answer:
    """The same for the person; institutions are named only to whoever gave the code."""
    link, actor = await holder(request)
    form = Form(await request.form())
    languages = languages_of(form, look_of(request).language)
    form.check()
    if link.subject is None:
        raise NotFound
    named = names_shown(request, link)
    lines = await disclosures_about(actor, link.subject)
    sheets = [_list(lines, language, "", "", "", named=named) for language in languages]
    pdf = await pdf_of(disclosure_list(*sheets))
    await note_letter("disclosures", by=actor.scope, participant=link.subject, fields=[])
    return pdf_answer(pdf, "lista")


@post("/p/withdrawal/{task:uuid}/letter", opt=BY_LINK, include_in_schema=False, status_code=200)
async def own_withdrawal_letter(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """That sharing has ended, for the person; 404 while it goes on."""
    link, actor = await holder(request)
    form = Form(await request.form())
    languages = languages_of(form, look_of(request).language)
    form.check()
    found = await referral(actor, task, open_person=False)
    named = names_shown(request, link)
    sheets = [await withdrawal_facts(found, actor, language, named=named) for language in languages]
    pdf = await pdf_of(withdrawal(*sheets))
    if link.subject is not None:
        await note_letter("withdrawal", by=actor.scope, participant=link.subject, fields=[], task=task)
    return pdf_answer(pdf, "potwierdzenie")


def _list(
    rows: Sequence[DisclosureRow], language: str, person: str, keeper: str, phone: str, *, named: bool = True
) -> DisclosureList:
    with speaking(language):
        lines = tuple(_line(row, language, named=named) for row in rows)
        today = short_day(clock.today())
    return DisclosureList(language=language, person=person, keeper=keeper, keeper_phone=phone, as_at=today, lines=lines)


def _line(row: DisclosureRow, language: str, *, named: bool) -> Line:
    who = (row.institution_name or "–") if named else translate(language, "hidden, type the code first")
    ground = sentence_of(language, "ground", row.ground) if has(language, f"ground.{row.ground}") else row.ground
    return Line(
        at=moment(row.at),
        who=who,
        what=sentence_of(language, "disclosure", row.kind),
        data=", ".join(sentence_of(language, "field", name) for name in row.fields),
        basis=ground if row.basis else "–",
    )


routes = [disclosures_letter, own_disclosures_letter, own_withdrawal_letter]

"""The history of an offer's free places, for everybody; and for staff the readings that contradict themselves."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import PUBLIC, actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.cards import Card
from referral_hub.directory.confidential import face
from referral_hub.directory.contradictions import CODES
from referral_hub.directory.history import (
    MOST_DRAWN,
    PER_PAGE,
    SOURCES,
    Doubtful,
    Line,
    counted,
    doubtful_readings,
    history_of,
)
from referral_hub.directory.history_chart import draw, shape
from referral_hub.directory.read_model_refresh import directory
from referral_hub.directory.schemas import ReadingsPage, ReadingTold
from referral_hub.errors import NotFound
from referral_hub.vocabularies import book
from referral_hub.web.look import look_of
from referral_hub.web.openapi import says
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
STAFF: Final = needs(Permission.DIRECTORY_STAFF, Permission.DIRECTORY_MODERATE)
INSTITUTIONS_PER_PAGE: Final = 20


@get("/offers/{offer:uuid}/history", opt=PUBLIC, include_in_schema=False)
async def show_history(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Drawn and in full under it; `?unit=` where several are counted, `?page=`."""
    staff = actor_of(request).may(Permission.DIRECTORY_STAFF)
    card, language = await _card(offer, staff=staff), look_of(request).language
    history = await history_of(offer, _page(request), unit=request.query_params.get("unit", "")[:12])
    number, pages = _paged(request, history.total, PER_PAGE)
    return page(
        request,
        "directory/history.html",
        card=card,
        title=card.title(language),
        title_is_polish=language != "pl" and language not in card.titles,
        history=history,
        chart=draw(history.points, clock.now()),
        most_drawn=MOST_DRAWN,
        legend=[(source, shape(source, 8, 8)) for source in SOURCES if any(p.source == source for p in history.points)],
        audiences={code: book.label("audience", code, language) for line in history.lines for code in line.by_group},
        staff=staff,
        number=number,
        pages=pages,
    )


@get(
    "/api/v1/offers/{offer:uuid}/readings",
    opt=PUBLIC
    | says(
        "Every reading of an offer's places, the newest first, as it was given",
        query={"unit": "what is counted; by default the offer's own", "page": "from 1, 20 on each"},
        answer=ReadingsPage,
        refusals=(404,),
    ),
)
async def get_readings(request: HubRequest, offer: FromPath[UUID]) -> ReadingsPage:
    """The ledger for programs: numbers as given, contradictions by code, never the staff's notes."""
    await _card(offer, staff=False)
    history = await history_of(offer, _page(request), unit=request.query_params.get("unit", "")[:12])
    number, pages = _paged(request, history.total, PER_PAGE)
    return ReadingsPage(history.unit, history.total, number, pages, [_told(line) for line in history.lines])


@get("/readings/doubtful", opt=STAFF, include_in_schema=False)
async def show_doubtful(request: HubRequest) -> Response[bytes]:
    """Readings in force that contradict themselves, by institution; `?source=` and `?code=` narrow them."""
    source, code = (request.query_params.get(name, "") for name in ("source", "code"))
    source, code = source if source in SOURCES else "", code if code in CODES else ""
    every = await doubtful_readings(source)
    found = [one for one in every if not code or any(against.code == code for against in one.line.against)]
    groups = _by_institution(found)
    number, pages = _paged(request, len(groups), INSTITUTIONS_PER_PAGE)
    first = (number - 1) * INSTITUTIONS_PER_PAGE
    return page(
        request,
        "readings/doubtful.html",
        groups=groups[first : first + INSTITUTIONS_PER_PAGE],
        total=len(found),
        counts=counted(every),
        sources=SOURCES,
        source=source,
        code=code,
        number=number,
        pages=pages,
    )


async def _card(offer: UUID, *, staff: bool) -> Card:
    """The offer as this reader may see it. Raises NotFound."""
    card = (await directory()).cards.get(str(offer))
    if card is None:
        raise NotFound
    return face(card, staff=staff)


def _page(request: HubRequest) -> int:
    asked = request.query_params.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _paged(request: HubRequest, total: int, per_page: int) -> tuple[int, int]:
    """(this page, pages): beyond the last page there is nothing, which the page says."""
    return _page(request), max(1, -(-total // per_page))


def _by_institution(found: list[Doubtful]) -> list[list[Doubtful]]:
    groups: dict[UUID, list[Doubtful]] = {}
    for one in found:
        groups.setdefault(one.institution, []).append(one)
    return list(groups.values())


def _told(line: Line) -> ReadingTold:
    return ReadingTold(
        as_of=line.day,
        source=line.source,
        **line.numbers,
        by_group=line.by_group,
        from_when=line.from_when,
        status=line.status,
        in_force=line.in_force,
        taken_back=line.undone,
        takes_back=line.undoes,
        contradictions=[one.code for one in line.against],
    )


routes = [show_history, get_readings, show_doubtful]

"""The public search as JSON: `GET /api/v1/offers`. Answers are kept until the directory changes."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, get
from litestar.response.base import ASGIResponse

from referral_hub.accounts.guards import PUBLIC
from referral_hub.directory.read_model import remember
from referral_hub.directory.read_model_asked import read_asked
from referral_hub.directory.read_model_json import answer
from referral_hub.directory.read_model_refresh import directory
from referral_hub.directory.read_model_search import search
from referral_hub.directory.read_model_shapes import OffersPage
from referral_hub.errors import Refused
from referral_hub.web.look import look_of
from referral_hub.web.openapi import says

MOST_FIELDS = 200
_QUERY = {
    "q": "words, in any form; a place among them becomes a filter",
    "need": "a code of the vocabulary; may be repeated, as the four below",
    "form": "a code",
    "audience": "a code",
    "kind": "a code, with the kinds below it",
    "place": "a name or a TERC code",
    "free": "1: only with free places",
    "sort": "best, free, near or name",
    "page": "from 1",
    "per_page": "20, at most 100",
    "lang": "pl, uk or en",
}


def asked_pairs(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """The parameters of the address in order; bytes that are no UTF-8 become a mark, too many are left
    out."""
    query = request.scope["query_string"].decode("ascii", "replace")
    return parse_qsl(query, keep_blank_values=True, errors="replace", separator="&")[:MOST_FIELDS]


@get(
    "/api/v1/offers",
    opt=PUBLIC
    | says(
        "Search the directory",
        query=_QUERY,
        answer=OffersPage,
        refusals=(422,),
        query_example={"need": "mieszkanie", "place": "Kraków", "free": "1", "per_page": "5"},
    ),
)
async def get_offers(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Search the directory. Parameters as of `/`, and `per_page` up to 100."""
    model = await directory()
    language = look_of(request).language
    key = ("offers", request.scope["query_string"], language)
    kept: ASGIResponse | None = model.answers.get(key)
    if kept is not None:
        return kept
    asked, problems = read_asked(asked_pairs(request))
    if problems:
        raise Refused("invalid", problems)
    body = answer(model, search(model, asked), language)
    return remember(
        model.answers, key, lambda: ASGIResponse(body=body, media_type="application/json", headers=_HEADERS)
    )


_HEADERS = {"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"}

routes = [get_offers]

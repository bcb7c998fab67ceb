"""The public search as JSON: `GET /api/v1/offers`. Answers are kept until the directory changes."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, get

from referral_hub.accounts.guards import PUBLIC
from referral_hub.directory.read_model import remember
from referral_hub.directory.read_model_asked import read_asked
from referral_hub.directory.read_model_json import answer
from referral_hub.directory.read_model_refresh import directory
from referral_hub.directory.read_model_search import search
from referral_hub.errors import Refused
from referral_hub.web.look import look_of

MOST_FIELDS = 200


def asked_pairs(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """The parameters of the address in order; bytes that are no UTF-8 become a mark, too many are left
    out."""
    query = request.scope["query_string"].decode("ascii", "replace")
    return parse_qsl(query, keep_blank_values=True, errors="replace", separator="&")[:MOST_FIELDS]


@get("/api/v1/offers", opt=PUBLIC)
async def get_offers(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Search the directory. Parameters as of `/`, and `per_page` up to 100."""
    model = await directory()
    language = look_of(request).language
    key = ("offers", request.scope["query_string"], language)
    body = model.answers.get(key)
    if body is None:
        asked, problems = read_asked(asked_pairs(request))
        if problems:
            raise Refused("invalid", problems)
        body = remember(model.answers, key, lambda: answer(model, search(model, asked), language))
    return Response(body, media_type="application/json", headers=_HEADERS)


_HEADERS = {"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"}

routes = [get_offers]

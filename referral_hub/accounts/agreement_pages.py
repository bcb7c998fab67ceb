"""On what basis each institution with an account may pass personal data, and where it is missing or ends."""

from typing import Any, Final

from litestar import Request, Response, get

from referral_hub import clock
from referral_hub.accounts.guards import needs
from referral_hub.accounts.permissions import Permission
from referral_hub.institutions.agreements import ORDER, standings
from referral_hub.web.page import page

PER_PAGE: Final = 50


@get("/agreements", opt=needs(Permission.AGREEMENT_EDIT), include_in_schema=False)
async def agreements(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Those that need doing first; `?state=` keeps one kind, `?page=` turns over."""
    today, rows = clock.today(), await standings()
    wanted = request.query_params.get("state", "")
    states = {row.institution: row.state(today) for row in rows}
    shown = [row for row in rows if wanted not in ORDER or states[row.institution] == wanted]
    asked = request.query_params.get("page", "1")
    pages = max(1, -(-len(shown) // PER_PAGE))
    number = min(pages, max(1, int(asked) if asked.isdecimal() and len(asked) < 7 else 1))
    return page(
        request,
        "accounts/agreements.html",
        rows=[(row, states[row.institution]) for row in shown[(number - 1) * PER_PAGE : number * PER_PAGE]],
        counts=[(state, sum(one == state for one in states.values())) for state in ORDER],
        wanted=wanted if wanted in ORDER else "",
        total=len(rows),
        number=number,
        pages=pages,
    )


routes = [agreements]

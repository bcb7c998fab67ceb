"""„Co poprawi wpisy”: what would make the offers of the network better, institutions lacking most first."""

from typing import Any, Final

from litestar import Request, Response, get

from referral_hub.accounts.guards import needs
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.better_queries import better_network
from referral_hub.web.page import page

MODERATOR: Final = needs(Permission.DIRECTORY_MODERATE)


@get("/better", opt=MODERATOR, include_in_schema=False)
async def network(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A page of institutions with what would help each of their offers."""
    text = request.query_params.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    found, pages, how_many = await better_network(number)
    return page(
        request,
        "partner/better.html",
        found=found,
        number=min(max(number, 1), pages),
        pages=pages,
        how_many=how_many,
    )


routes = [network]

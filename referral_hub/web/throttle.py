"""Slowing down who guesses: so many wrong tries from one address within a while, then a pause.

Kept in this process: each worker counts for itself, so the limit is at most that many times the workers.
"""

import ipaddress
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Request

from referral_hub import clock
from referral_hub.errors import TooMany
from referral_hub.settings import settings

MOST_ADDRESSES: Final = 10_000


def address_of(request: Request[Any, Any, Any]) -> str:
    """Where a request comes from: behind trusted proxies the last address they did not add themselves."""
    nearest = request.client.host if request.client else ""
    chain = [part.strip() for part in request.headers.get("x-forwarded-for", "")[:1000].split(",") if part.strip()]
    while _trusted(nearest) and chain:
        nearest = chain.pop()
    return nearest


def _trusted(address: str) -> bool:
    try:
        ours = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ours in ipaddress.ip_network(proxy, strict=False) for proxy in settings().trusted_proxies)


class Throttle:
    """At most `most` wrong tries per address within `within`; the address that tried least recently is forgotten."""

    def __init__(self, most: int, within: timedelta) -> None:
        self.most = most
        self.within = within
        self._wrong: OrderedDict[str, list[datetime]] = OrderedDict()

    def check(self, request: Request[Any, Any, Any]) -> None:
        """Raises TooMany while this address has tried too often."""
        since = clock.now() - self.within
        if sum(moment > since for moment in self._wrong.get(address_of(request), ())) >= self.most:
            raise TooMany

    def count(self, request: Request[Any, Any, Any]) -> None:
        """Note one wrong try."""
        address, since = address_of(request), clock.now() - self.within
        kept = [moment for moment in self._wrong.pop(address, []) if moment > since]
        self._wrong[address] = [*kept, clock.now()]
        while len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)

    def forget(self) -> None:
        """Start anew (tests)."""
        self._wrong.clear()

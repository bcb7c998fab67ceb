"""The main menu: what this visitor may open, the current place marked."""

from typing import Any, Final, Protocol

from msgspec import Struct, structs


class MenuItem(Struct, frozen=True):
    """One entry; `label` is a msgid, `count` how much waits there, `folded` whether it stands under "more"."""

    url: str
    label: str
    current: bool
    count: int = 0
    folded: bool = False


waiting: Final[dict[str, int]] = {}
"""Address → how much waits there for whoever may open it; the rooms above keep it true."""

belongs: Final[dict[str, str]] = {}
"""Address → the entry of the menu that leads to it, where its own address does not say so."""


class _May(Protocol):
    def may(self, permission: Any, /) -> bool: ...


ATTENDANCE: Final = "/attendance"

# Address, msgid, and the permissions of which any opens it (none = everybody). The labels are repeated in
# templates/macros/menu_words.html, where the extraction of sentences finds them; a test holds both together.
ENTRIES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("/", "Find help", ()),
    ("/favourites", "Favourites", ("favourite:keep",)),
    ("/referrals", "Referrals", ("referral:read",)),
    ("/people", "Participants", ("person:read",)),
    ("/participations", "Taking part in the club", ("report:read",)),
    ("/my-offers", "My offers", ("offer:edit",)),
    (ATTENDANCE, "Attendance", ("attendance:mark",)),
    ("/questions", "Questions about places", ("offer:edit",)),
    ("/enquiries", "Who has a place?", ("enquiry:ask",)),
    ("/bookings", "Bookings", ("booking:ask",)),
    ("/care", "Care of the directory", ("directory:moderate",)),
    ("/cooperation", "Cooperation", ("cooperation:read",)),
    ("/gaps", "Gaps", ("report:read",)),
    ("/report", "Report", ("report:read",)),
    ("/my-team", "Our team", ("colleague:edit",)),
    ("/accounts", "Accounts", ("account:read",)),
    ("/vocabularies", "Word lists", ("vocabulary:edit",)),
    ("/settings", "Answer times", ("settings:edit",)),
    ("/privacy", "Data protection", ("privacy:read", "audit:read")),
)

MANY: Final = 8
"""With more entries than these, what is opened seldom stands under "more"."""
SELDOM: Final = frozenset(
    (
        "/favourites",
        "/enquiries",
        "/bookings",
        "/my-team",
        "/accounts",
        "/vocabularies",
        "/settings",
        "/gaps",
        "/report",
    )
)


def menu(viewer: _May, path: str, *, served: frozenset[str] | None = None) -> list[MenuItem]:
    """The entries this visitor may open and this version serves, in one fixed order."""
    open_to = {
        url: label
        for url, label, permissions in ENTRIES
        if (not permissions or any(viewer.may(permission) for permission in permissions))
        and (served is None or url in served)
    }
    ways = [(len(url), url, url) for url in open_to if _leads(url, path)]
    ways += [(len(url), "", entry) for url, entry in belongs.items() if entry in open_to and _leads(url, path)]
    # An offer's lists lie below the offer and belong to what is done with them.
    if ATTENDANCE in open_to and path.endswith(ATTENDANCE):
        ways.append((len(path), ATTENDANCE, ATTENDANCE))
    # The longest address leads here; of two alike the entry's own.
    marked = max(ways, default=(0, "", ""))[2]
    items = [MenuItem(url, label, url == marked, waiting.get(url, 0)) for url, label in open_to.items()]
    if len(items) <= MANY:
        return items
    # Where one is, and where something waits, stays in sight.
    return [structs.replace(one, folded=one.url in SELDOM and not one.current and not one.count) for one in items]


def _leads(url: str, path: str) -> bool:
    """Whether this page is that address or lies below it."""
    return path == url or (url != "/" and path.startswith(f"{url}/"))

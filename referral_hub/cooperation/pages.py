"""Who sends to whom: the flows as a picture, as a matrix, as a list, as CSV; one set of figures behind all four."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from msgspec import Struct

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.cooperation.csv_table import as_csv
from referral_hub.cooperation.layout import OTHERS, draw
from referral_hub.cooperation.network import (
    ALL_TIME,
    Tally,
    matrix,
    period_codes,
    period_of,
    wider_views,
    without_own,
)
from referral_hub.cooperation.queries import is_of_the_club, tallies_seen_by
from referral_hub.cooperation.secrecy import TOTAL, Published, in_full, only, published
from referral_hub.errors import NotAllowed, Problem, Refused
from referral_hub.vocabularies.book import is_known, label, word
from referral_hub.web.look import look_of
from referral_hub.web.page import page
from referral_hub.web.wording import translate

HubRequest = Request[Any, Any, Any]
LABEL: Final = 36
BESIDE: Final = 39
"""Letters of a label that fit beside the picture."""
READER: Final = needs(Permission.COOPERATION_READ)


class Asked(Struct, frozen=True):
    """What the address asks for; `full` shows small counts, inside the club only."""

    period: str = ""
    form: str = ""
    sender: str = ""
    receiver: str = ""
    full: bool = False

    def address(self, **changes: object) -> str:
        """The same view with something changed, as a query string."""
        now = {"period": self.period, "form": self.form, "from": self.sender, "to": self.receiver}
        now |= {"full": "1" if self.full else ""}
        now |= {name: str(value) for name, value in changes.items()}
        return urlencode({name: value for name, value in now.items() if value})


@get("/cooperation", opt=READER, include_in_schema=False)
async def cooperation(request: HubRequest) -> Response[bytes]:
    """Flows between kinds of institutions. Small counts are hidden unless the club's own people ask for them."""
    actor, asked = actor_of(request), _asked(request)
    inside = await is_of_the_club(actor.institution)
    if asked.full and not inside:
        raise NotAllowed
    tallies = await tallies_seen_by(actor)
    table = only(_table(tallies, asked, inside), sender=asked.sender, receiver=asked.receiver)
    language = look_of(request).language
    kinds = {*table.senders, *table.receivers}
    flows, hidden = _flows(table)
    return page(
        request,
        "cooperation/flows.html",
        asked=asked,
        inside=inside,
        table=table,
        picture=draw(table),
        total=table.cell(TOTAL, TOTAL),
        TOTAL=TOTAL,
        OTHERS=OTHERS,
        heat=_heat(table),
        flows=flows,
        hidden=hidden,
        names={kind: label("kind", kind, language) for kind in kinds},
        short={kind: _short(kind, language) for kind in kinds},
        beside={kind: _beside(kind, language) for kind in kinds},
        periods=period_codes(tally.month for tally in tallies),
        forms=sorted(
            {(tally.form, label("form", tally.form, language)) for tally in tallies}, key=lambda form: form[1]
        ),
        form_name=label("form", asked.form, language) if asked.form else "",
    )


@get("/cooperation/flows.csv", opt=READER, include_in_schema=False)
async def flows_csv(request: HubRequest) -> Response[bytes]:
    """The matrix of the same view. A file leaves the club, so its small counts are always hidden."""
    asked = _asked(request)
    if asked.full:
        raise NotAllowed
    language = look_of(request).language
    actor = actor_of(request)
    counted = _table(await tallies_seen_by(actor), asked, await is_of_the_club(actor.institution))
    table = only(counted, sender=asked.sender, receiver=asked.receiver)
    text = as_csv(
        table,
        lambda kind: label("kind", kind, language),
        translate(language, "Who sends"),
        translate(language, "Total"),
        translate(language, "hidden"),
    )
    name = "-".join(filter(None, ("przeplywy", asked.period, asked.form, asked.sender, asked.receiver)))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(text.encode(), media_type="text/csv", headers=headers)


def _asked(request: HubRequest) -> Asked:
    """The view in the address. Raises Refused("invalid") for a period, form or kind there is not."""
    told = {name: request.query_params.get(name, "") for name in ("period", "form", "from", "to", "full")}
    problems = [] if period_of(told["period"]) else [Problem("period", "not_a_choice")]
    for name, vocabulary in (("form", "form"), ("from", "kind"), ("to", "kind")):
        if told[name] and word(vocabulary, told[name]) is None and not is_known(vocabulary, told[name]):
            problems.append(Problem(name, "not_a_choice"))
    if problems:
        raise Refused("invalid", problems)
    return Asked(told["period"], told["form"], told["from"], told["to"], told["full"] == "1")


def _table(tallies: list[Tally], asked: Asked, inside: bool) -> Published:
    """The counts of the view: all for the club's own eyes, else hidden as `secrecy` says, also against the wider
    tables that the same reader may hold, and outside the club against what its own institution knows."""
    period = period_of(asked.period) or ALL_TIME
    counts = matrix(tallies, period, asked.form or None)
    if asked.full:
        return in_full(counts)
    views = wider_views(asked.period, asked.form)
    around = [matrix(tallies, *view) for view in views]
    if inside:
        return published(counts, around)
    rest = without_own(tallies)
    left = matrix(rest, period, asked.form or None), [matrix(rest, *view) for view in views]
    return published(counts, around, others=left)


def _heat(table: Published) -> dict[tuple[str, str], int]:
    """A shade from 0 to 5 for every shown cell, by its share of the largest."""
    cells = {(a, b): table.cell(a, b) or 0 for a in table.senders for b in table.receivers}
    largest = max(cells.values(), default=0) or 1
    return {cell: -(-5 * count // largest) for cell, count in cells.items()}


def _flows(table: Published) -> tuple[list[tuple[str, str, int]], int]:
    """The shown cells as a list, the largest first, and how many are hidden."""
    cells = [(a, b, table.cell(a, b)) for a in table.senders for b in table.receivers]
    shown = [(a, b, count) for a, b, count in cells if count]
    return sorted(shown, key=lambda flow: -flow[2]), sum(count is None for _, _, count in cells)


def _short(kind: str, language: str) -> str:
    """An abbreviation where people use one („OPS”), else the name up to its bracket."""
    known = word("kind", kind)
    name = label("kind", kind, language)
    if known is not None and known.abbreviations and language == "pl":
        return known.abbreviations[0]
    shorter = name.split(" (")[0].split(" / ")[0].split(", ")[0]
    return shorter if len(shorter) <= LABEL else f"{shorter[: LABEL - 1].rstrip()}…"


def _beside(kind: str, language: str) -> str:
    """The name up to its bracket where it has room beside the picture, else the short one."""
    name = label("kind", kind, language).split(" (")[0]
    return name if len(name) <= BESIDE else _short(kind, language)


routes = [cooperation, flows_csv]

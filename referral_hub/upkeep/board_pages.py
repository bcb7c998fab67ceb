"""The freshness board: shares, what the week brought, and the offers behind every number; also as CSV and JSON."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from referral_hub import clock
from referral_hub.accounts.guards import needs
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import Problem, Refused
from referral_hub.upkeep.board import LABELS, WAYS, Group
from referral_hub.upkeep.board_queries import board, everything, group_name, offers_behind, this_week
from referral_hub.web.body import json_answer
from referral_hub.web.csv_text import csv_text
from referral_hub.web.look import look_of
from referral_hub.web.openapi import says
from referral_hub.web.page import code_text, page
from referral_hub.web.wording import speaking, translate

HubRequest = Request[Any, Any, Any]
LOOKER: Final = needs(Permission.DIRECTORY_MODERATE)
PER_PAGE: Final = 50
CODED: Final = ("nobody", "link", "imported", "observed", "reported", "declared")


class BoardGroup(msgspec.Struct, frozen=True):
    """A line of the board: how many open offers wear each label, and the share that is fresh (0 to 1)."""

    key: str
    name: str
    offers: int
    fresh_share: float
    labels: dict[str, int]


class Board(msgspec.Struct, frozen=True):
    """The board on a day."""

    as_of: str
    by: str
    groups: list[BoardGroup]


@get("/freshness", opt=LOOKER, include_in_schema=False)
async def show(request: HubRequest) -> Response[bytes]:
    """One table at a time, fifty lines a page; `?by=` says by what."""
    by, language = _by(request), look_of(request).language
    groups = _named(await board(by, language), by, language)
    pages = max(1, -(-len(groups) // PER_PAGE))
    number = min(pages, _number(request))
    return page(
        request,
        "upkeep/board.html",
        by=by,
        ways=WAYS,
        labels=LABELS,
        groups=groups[(number - 1) * PER_PAGE : number * PER_PAGE],
        number=number,
        pages=pages,
        total=await everything(),
        week=await this_week(),
        now=clock.now(),
    )


@get("/freshness.csv", opt=LOOKER, include_in_schema=False)
async def as_csv(request: HubRequest) -> Response[bytes]:
    """The whole table, for a spreadsheet."""
    by, language = _by(request), look_of(request).language
    with speaking(language):
        head = [code_text("board_way", by), translate(language, "Offers"), translate(language, "Fresh (percent)")]
        head += [code_text("freshness_label", one) for one in LABELS]
        groups = _named(await board(by, language), by, language)
        rows = [
            [group.name, group.total, round(100 * group.share, 1), *(group.counts[one] for one in LABELS)]
            for group in groups
        ]
        as_of = [translate(language, "as of"), clock.today().isoformat()]
    headers = {
        "Content-Disposition": f'attachment; filename="aktualnosc-{by}-{clock.today()}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(csv_text([head, *rows, as_of]).encode(), media_type="text/csv", headers=headers)


@get("/freshness/offers", opt=LOOKER, include_in_schema=False)
async def behind(request: HubRequest) -> Response[bytes]:
    """The offers behind a number: `?by=&key=&label=`, the oldest first."""
    asked, language = request.query_params, look_of(request).language
    by, key, label = asked.get("by", ""), asked.get("key", "")[:60].replace("\0", ""), asked.get("label", "")
    problems = [Problem("by", "not_a_choice")] if by and by not in WAYS else []
    problems += [Problem("label", "not_a_choice")] if label and label not in LABELS else []
    if problems:
        raise Refused("invalid", problems)
    number = _number(request)
    offers, total = await offers_behind(by, key, label, number, PER_PAGE)
    pages = max(1, -(-total // PER_PAGE))
    if number > pages:
        number = pages
        offers, total = await offers_behind(by, key, label, number, PER_PAGE)
    name = await group_name(by, key, language) if by else ""
    return page(
        request,
        "upkeep/board_offers.html",
        by=by,
        key=key,
        label=label,
        name=_name(by, key, name, language) if by else "",
        offers=offers,
        total=total,
        number=number,
        pages=pages,
    )


@get(
    "/api/v1/freshness",
    opt=LOOKER
    | says(
        "How fresh the open offers are, by kind, gmina, institution, editor or rhythm.",
        query={"by": "kind (default), gmina, institution, editor or rhythm"},
        answer=Board,
        refusals=(422,),
    ),
)
async def as_json(request: HubRequest) -> Response[Any]:
    """The board for programs."""
    by, language = _by(request), look_of(request).language
    groups = [
        BoardGroup(group.key, group.name, group.total, round(group.share, 4), dict(group.counts))
        for group in _named(await board(by, language), by, language)
    ]
    return json_answer(Board(clock.today().isoformat(), by, groups))


def _by(request: HubRequest) -> str:
    """By what the table is made. Raises Refused("invalid")."""
    by = str(request.query_params.get("by", WAYS[0]))
    if by not in WAYS:
        raise Refused("invalid", [Problem("by", "not_a_choice")])
    return by


def _named(groups: list[Group], by: str, language: str) -> list[Group]:
    return [msgspec.structs.replace(group, name=_name(by, group.key, group.name, language)) for group in groups]


def _name(by: str, key: str, name: str, language: str) -> str:
    """The words of a group; those that are codes of ours are said here."""
    with speaking(language):
        if not key:
            return translate(language, "not known")
        if by == "rhythm":
            return code_text("rhythm", key)
        return code_text("told_by", key) if by == "editor" and key in CODED else name


def _number(request: HubRequest) -> int:
    asked = request.query_params.get("page", "1")
    return max(1, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1)


routes = [show, as_csv, behind, as_json]

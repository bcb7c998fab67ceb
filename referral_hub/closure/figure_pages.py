"""How well loops are closed: a page and a file for the coordinator, with number of cases, period and day."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response, get
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.closure.figure_queries import ARROW, KEYS, groups_seen_by, offer_names
from referral_hub.closure.figures import MEASURES, Group, Line, Share, in_full, lines
from referral_hub.closure.standing_out import standing_out
from referral_hub.cooperation.network import ALL_TIME, period_codes, period_of, wider_views
from referral_hub.cooperation.queries import is_of_the_club
from referral_hub.cooperation.secrecy import TOTAL
from referral_hub.errors import NotAllowed, Problem, Refused
from referral_hub.vocabularies.book import is_known, label, word
from referral_hub.web.csv_text import csv_text
from referral_hub.web.formats import number, percent
from referral_hub.web.look import look_of
from referral_hub.web.page import code_text, page
from referral_hub.web.wording import speaking, translate

HubRequest = Request[Any, Any, Any]
READER: Final = needs(Permission.COOPERATION_READ)


class Asked(Struct, frozen=True):
    """What the address asks for; `full` shows small counts, inside the club only."""

    by: str = "flow"
    period: str = ""
    form: str = ""
    full: bool = False


@get("/cooperation/closing", opt=READER, include_in_schema=False)
async def show_closing(request: HubRequest) -> Response[bytes]:
    """Closed loops, help, first answers, acceptance, days nobody came, second referrals; small numbers hidden."""
    actor, asked = actor_of(request), asked_of(request)
    inside = await is_of_the_club(actor.institution)
    if asked.full and not inside:
        raise NotAllowed
    groups = await groups_seen_by(actor, asked.by)
    found = await told(groups, asked, actor)
    language = look_of(request).language
    return page(
        request,
        "closure/figures.html",
        asked=asked,
        inside=inside,
        lines=found,
        worst=standing_out(found),
        measures=MEASURES,
        ways=tuple(KEYS),
        TOTAL=TOTAL,
        name=await namer(actor, asked.by, found, language),
        periods=period_codes(group.month for group in groups),
        forms=sorted({(one.form, label("form", one.form, language)) for one in groups}, key=lambda form: form[1]),
        form_name=label("form", asked.form, language) if asked.form else "",
    )


@get("/cooperation/closing.csv", opt=READER, include_in_schema=False)
async def closing_csv(request: HubRequest) -> Response[bytes]:
    """The same view as a file. A file leaves the club, so its small numbers are always hidden."""
    actor, asked = actor_of(request), asked_of(request)
    if asked.full:
        raise NotAllowed
    found = await told(await groups_seen_by(actor, asked.by), asked, actor)
    language = look_of(request).language
    text = _as_csv(found, asked, await namer(actor, asked.by, found, language), language)
    name = "-".join(filter(None, ("domkniecie", asked.by, asked.period, asked.form)))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def asked_of(request: HubRequest) -> Asked:
    """The view in the address. Raises Refused("invalid") for a way, period or form there is not."""
    asked = {name: request.query_params.get(name, "") for name in ("by", "period", "form", "full")}
    problems = [Problem("by", "not_a_choice")] if asked["by"] and asked["by"] not in KEYS else []
    problems += [] if period_of(asked["period"]) else [Problem("period", "not_a_choice")]
    form = asked["form"]
    if form and word("form", form) is None and not is_known("form", form):
        problems.append(Problem("form", "not_a_choice"))
    if problems:
        raise Refused("invalid", problems)
    return Asked(asked["by"] or "flow", asked["period"], form, asked["full"] == "1")


async def told(groups: list[Group], asked: Asked, actor: Actor) -> list[Line]:
    """The figures of the view: all for the club's own eyes, else hidden as `cooperation/secrecy.py` says.

    Thousands of offers take a second to hide well; nobody else's page waits for it.
    """
    period = period_of(asked.period) or ALL_TIME
    if asked.full:
        return in_full(groups, period, asked.form)
    views, outside = wider_views(asked.period, asked.form), not await is_of_the_club(actor.institution)
    return await asyncio.to_thread(lines, groups, period, asked.form, views, outside=outside)


async def namer(actor: Actor, by: str, found: list[Line], language: str) -> Callable[[str], str]:
    """What a key is called."""
    keys = [line.key for line in found if line.key != TOTAL]
    offers = await offer_names(actor, keys) if by == "offer" and keys else {}

    def name(key: str) -> str:
        if key == TOTAL:
            return translate(language, "Total")
        if by == "offer":
            return offers[key]
        if by == "need":
            return label("need", key, language)
        return ARROW.join(label("kind", kind, language) for kind in key.split(ARROW))

    return name


def _as_csv(found: list[Line], asked: Asked, name: Callable[[str], str], language: str) -> str:
    with speaking(language):
        head = [code_text("closing_by", asked.by)]
        for measure in MEASURES:
            head += [code_text("closing", measure), f"{code_text('closing', measure)}: n"]
        head += [translate(language, "Period"), translate(language, "As of")]
        period = asked.period or translate(language, "whole time")
        body = [
            [
                name(line.key),
                *(cell for measure in MEASURES for cell in _cells(line.shares[measure], language)),
                period,
                clock.today().isoformat(),
            ]
            for line in found
        ]
    return csv_text([head, *body])


def _cells(share: Share, language: str) -> tuple[str, str]:
    if share.n is None:
        return (translate(language, "hidden"),) * 2
    if not share.n:
        return "", "0"
    value = number(share.days) if share.days is not None else percent(share.share or 0)
    return str(value), str(share.n)


routes = [show_closing, closing_csv]

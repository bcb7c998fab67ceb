"""What only one kind of offer has: details, terms, lines of exchange, bookings, as `data/kinds.toml` says, once."""

import tomllib
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import structs

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.barter.actions import add_line, propose
from referral_hub.barter.schemas import NewLine
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.demo.network import DATA
from referral_hub.lending.actions import ask, decide
from referral_hub.lending.intervals import local
from referral_hub.timetable.terms import TermFacts
from referral_hub.timetable.terms_actions import add_term

DONE = "kinds"
WORDS = ("title", "cost", "stipend", "papers")


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads((DATA / "kinds.toml").read_text(encoding="utf-8"))


def details_of(at: str, key: str) -> dict[str, Any]:
    """The details of an offer, {} where nothing is said."""
    return dict(_said()["details"].get(f"{at}/{key}", {}))


async def fill_kinds(now: datetime) -> None:
    """Terms, lines of exchange with one proposal, bookings: as if put in three days before the first start."""
    if DONE in await marks(RUN):
        return
    made = await marks(NETWORK)

    def offer(of: str) -> UUID:
        at, _, key = of.partition("/")
        return UUID(made[at]["offers"][key])

    async with transaction(SYSTEM):
        with clock.at(now - timedelta(days=3)):
            for one in _said()["term"]:
                await add_term(offer(one["of"]), _term(one, now), actor=SYSTEM_ACTOR)
            lines = {}
            for one in _said()["line"]:
                line = NewLine(one["side"], one["subject"], one.get("text", ""), one.get("amount", ""))
                lines[one["of"], one["side"], one["subject"]] = await add_line(
                    offer(one["of"]), line, actor=SYSTEM_ACTOR
                )
            meal = lines["cudzoziemcy/wymiana", "offered", "gotowanie"]
            wish = lines["kis-razem/bank-czasu", "wanted", "gotowanie"]
            await propose(offer("cudzoziemcy/wymiana"), meal, wish, actor=SYSTEM_ACTOR)
            for one in _said()["booking"]:
                borrower = UUID(made[one["by"]]["institution"])
                await _booked(offer(one["of"]), one, borrower, now)
        await mark(RUN, DONE, {})


def _term(one: dict[str, Any], now: datetime) -> TermFacts:
    today = now.astimezone(clock.WARSAW).date()
    days = {"apply_by": one.get("apply"), "starts_on": one.get("starts"), "ends_on": one.get("ends")}
    facts = TermFacts(**{name: one[name] for name in (*WORDS, "places", "hours") if name in one})
    known = {name: today + timedelta(days=number) for name, number in days.items() if number is not None}
    return structs.replace(facts, **known)


async def _booked(offer: UUID, one: dict[str, Any], borrower: UUID, now: datetime) -> None:
    """A booking by an institution; where the files say so the owner has confirmed it."""
    day = now.astimezone(clock.WARSAW).date() + timedelta(days=one["day"])
    start, end = local(day, one["from"] * 60), local(day, one["to"] * 60)
    if start is None or end is None:
        return
    asks = Actor(kind="system", role="system", institution=borrower)
    booking, state = await ask(
        offer, start, end, actor=asks, pieces=one.get("pieces", 1), purpose=one.get("purpose", "")
    )  # fmt: skip
    if one.get("confirmed") and state == "asked":
        await decide(booking, "confirm", actor=SYSTEM_ACTOR)

"""One referral in every state, and everybody who may look at it: what the walk through the transitions goes over."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.referrals.actions import perform
from referral_hub.referrals.buttons import has_arrived
from tests.build import make_offer
from tests.referrals.scene import ALONE, CONSENT, Scene, in_days, row_of, rows

HOW: dict[str, list[tuple[str, str, dict[str, object]]]] = {
    "draft": [],
    "sent": [("SND", "send", {})],
    "info_needed": [("SND", "send", {}), ("RCV", "ask", {"question": "Kiedy?"})],
    "waitlisted": [("SND", "send", {}), ("RCV", "waitlist", {"position": 1, "review_on": in_days(30)})],
    "accepted": [("SND", "send", {}), ("RCV", "accept", {})],
    "scheduled": [("SND", "send", {}), ("RCV", "accept", {}), ("RCV", "schedule", {"date": in_days(0)})],
    "in_progress": [("SND", "send", {}), ("RCV", "accept", {}), ("RCV", "start", {"date": in_days(0)})],
    "on_hold": [
        ("SND", "send", {}),
        ("RCV", "accept", {}),
        ("RCV", "hold", {"reason": "no_longer_possible", "review_on": in_days(9)}),
    ],
    "cancel_requested": [
        ("SND", "send", {}),
        ("RCV", "accept", {}),
        ("SND", "request_cancel", {"reason": "declined_by_person"}),
    ],
    "declined": [("SND", "send", {}), ("RCV", "decline", {"reason": "no_capacity"})],
    "withdrawn": [("SND", "send", {}), ("SND", "withdraw", {"reason": "declined_by_person"})],
    "expired": [("SND", "send", {}), ("SYS", "expire", {})],
    "not_delivered": [("SND", "send", {}), ("RCV", "accept", {}), ("RCV", "fail", {"reason": "no_show"})],
    "delivered": [
        ("SND", "send", {}),
        ("RCV", "accept", {}),
        ("RCV", "deliver", {"outcome": "leczenie", "date": in_days(0)}),
    ],
    "void": [("SND", "send", {}), ("SND", "void", {})],
}
VARIANTS = {
    "sent, alone": ("sent", "no_data"),
    "sent, not left": ("sent", "held_back"),
    "accepted, sharing ended": ("accepted", "ended"),
    "on_hold, sharing ended": ("on_hold", "ended"),
    "waitlisted, full": ("waitlisted", "full"),
    "sent, code asked": ("sent", "code"),
    "delivered, long ago": ("delivered", "long_ago"),
    "cancel_requested, too late": ("cancel_requested", "late"),
}
"""The same states where a condition of the table says otherwise."""
_SPOIL = {
    "held_back": "update referral_task set held_back = true where id = $1",
    "ended": "update referral_task set sharing_ended = true, access = 'none' where id = $1",
    "full": "update offer_places set free = 0 where offer = (select offer from referral_task where id = $1)",
    "long_ago": "update referral_task set ended_at = now() - interval '40 days' where id = $1",
    "late": "update referral_task set escalate_on = '2020-01-02', expire_on = '2020-01-03' where id = $1",
}
# What would say otherwise of every other referral to the same offer has one of its own.
_OWN_OFFER: dict[str, dict[str, Any]] = {"full": {"free": 1}, "code": {"free": 1, "sensitive": True}}


class Seat(Struct, frozen=True):
    """Somebody who looks: for which party, and the channels this seat may name."""

    name: str
    actor: Actor
    party: str
    channels: tuple[str, ...]


async def in_state(scene: Scene, name: str) -> UUID:
    """A referral in the state, or the variant of it, brought there by moves."""
    state, variant = VARIANTS.get(name, (name, ""))
    changes: dict[str, object] = {"basis": ALONE if variant == "no_data" else CONSENT}
    if variant in _OWN_OFFER:
        changes["offer"] = await make_offer(scene.partner, **_OWN_OFFER[variant])
    task = await scene.draft(**changes)
    for party, verb, fields in HOW[state]:
        if party == "SYS":
            await rows("update referral_task set expire_on = '2020-01-01' where id = $1", task)
        by = {"SND": scene.caseworker, "RCV": scene.intake, "SYS": SYSTEM_ACTOR}[party]
        await scene.move(task, verb, fields, by=by)
    if variant in _SPOIL:
        await rows(_SPOIL[variant], task)
    return task


def fields_for(verb: str, state: str, offer: UUID, *, of_person: bool) -> dict[str, object]:
    """Fields with which the move would be made if it is open; the person gives no reasons."""
    today, later = clock.today().isoformat(), (clock.today() + timedelta(days=20)).isoformat()
    arrived: dict[str, object] = dict(has_arrived("por_prawne", clock.today()))
    end: dict[str, object] = {"reason": "no_longer_possible"}
    amended = {"outcome": "brak_informacji"} if state == "delivered" else {"reason": "could_not_contact"}
    given: dict[str, dict[str, object]] = {
        "ask": {"question": "Kiedy?"},
        "answer": {"answer": "Jutro."},
        "waitlist": {"position": 2, "review_on": later},
        "decline": end,
        "schedule": {"date": today},
        "attend": {"attendance": "came"},
        "start": {"date": today},
        "hold": {**end, "review_on": later},
        "deliver": arrived,
        "fail": end,
        "withdraw": {} if of_person else end,
        "request_cancel": end,
        "reroute": {"offer": str(offer)},
        "amend": {"text": "pomyłka", **amended},
    }
    return given.get(verb, {})


async def attempt(
    sql: asyncpg.Connection, task: UUID, seat: Seat, verb: str, channel: str, fields: dict[str, object]
) -> None:
    """Make the move and take it back; raises what `perform` raises."""
    version = (await row_of(task))["version"]
    undo = sql.transaction()
    await undo.start()
    try:
        await perform(task, actor=seat.actor, verb=verb, version=version, fields=fields, channel=channel)
        assert (await row_of(task))["version"] in (version, version + 1)
    finally:
        await undo.rollback()


_FORM = re.compile(r"<form.*?</form>", re.DOTALL)
_HIDDEN = re.compile(r'name="(verb|channel|task)" value="([^"]*)"')


def moves_on(page: str, task: UUID | None = None) -> set[tuple[str, str]]:
    """(verb, channel) of every move that a page has a form for; with `task` of this one only."""
    found = set()
    for form in _FORM.findall(page):
        hidden = dict(_HIDDEN.findall(form))
        if "verb" in hidden and (task is None or hidden.get("task") == str(task)):
            found.add((hidden["verb"], hidden.get("channel", "self")))
    return found


def told(moves: Iterable[dict[str, object]]) -> set[tuple[str, str]]:
    """(verb, channel) of the moves that the API names."""
    return {(str(move["verb"]), str(channel)) for move in moves for channel in move["channels"]}  # type: ignore[attr-defined]

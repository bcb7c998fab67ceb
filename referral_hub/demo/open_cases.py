"""Referrals that are still open today, so that every tab of every demonstration account has work in it."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import msgspec

from referral_hub.demo.network import people
from referral_hub.demo.plan import Script, Story, choices, finished, office_hour, story
from referral_hub.demo.stories import QUESTIONS, Thread


def _nothing(line: Thread, need: str) -> None:
    """Sent, and no answer yet."""


def _asked(line: Thread, need: str) -> None:
    line.do("RCV", "ask", (0, 2), channel="self", question=line.rng.choice(QUESTIONS))


def _waiting(line: Thread, need: str) -> None:
    line.do("RCV", "waitlist", (1, 3), position=line.rng.randint(1, 5), review_on=(28, 40))


def _waiting_too_long(line: Thread, need: str) -> None:
    line.do("RCV", "waitlist", (1, 3), position=2, review_on=(20, 28))


def _accepted(line: Thread, need: str) -> None:
    line.do("RCV", "accept", (0, 2), date=(9, 12))


def _scheduled(line: Thread, need: str) -> None:
    line.do("RCV", "accept", (0, 2), date=(8, 10))
    line.do("RCV", "schedule", (0, 1), channel="self", date=(10, 14))


def _under_way(line: Thread, need: str) -> None:
    line.do("RCV", "accept", (0, 4), date=(3, 8))
    line.do("RCV", "schedule", (0, 2), channel="self", date=(3, 7))
    line.do("RCV", "attend", (8, 11), channel="self", attendance="came")
    line.do("RCV", "start", (0, 1), channel="self", date=(0, 0))


def _on_hold(line: Thread, need: str) -> None:
    line.do("RCV", "accept", (0, 4), date=(3, 8))
    line.do("RCV", "start", (3, 7), channel="self", date=(0, 0))
    line.do("RCV", "hold", (9, 20), channel="self", reason="no_longer_possible", review_on=(45, 50))


def _cancel(line: Thread, need: str) -> None:
    line.do("RCV", "accept", (0, 2), date=(8, 10))
    line.do("SND", "request_cancel", (3, 4), reason="need_met_elsewhere")


def _refused(line: Thread, need: str) -> None:
    line.do("RCV", "decline", (0, 2), reason="no_capacity")


def _delivered(line: Thread, need: str) -> None:
    line.do("RCV", "accept", (0, 2), channel="self", date=(2, 4))
    line.do("RCV", "deliver", (8, 11), channel="self", outcome="samodzielnosc", date=(0, 0))


OPEN: dict[str, tuple[int, Script | None]] = {
    "draft": (1, None),
    "sent_new": (1, _nothing),
    "sent_late": (13, _nothing),
    "asked_open": (6, _asked),
    "waiting_open": (15, _waiting),
    "waiting_too_long": (45, _waiting_too_long),
    "accepted_open": (6, _accepted),
    "scheduled_open": (8, _scheduled),
    "under_way": (45, _under_way),
    "on_hold_open": (48, _on_hold),
    "cancel_open": (8, _cancel),
    "refused_lately": (5, _refused),
    "delivered_lately": (22, _delivered),
    "alone_open": (8, _nothing),
}
"""Script: how many days ago it was drafted, and what happened since."""

WANTED: tuple[tuple[str, str, str, int], ...] = (
    ("draft", "kis-razem", "", 2),
    ("draft", "ops-przyklad", "", 1),
    ("sent_new", "kis-razem", "odwyk-tarnow", 2),
    ("sent_new", "kis-razem", "ngo-otwarte-drzwi", 2),
    ("sent_new", "kis-razem", "", 2),
    ("sent_new", "ops-przyklad", "odwyk-tarnow", 1),
    ("sent_new", "kis-przystanek", "", 1),
    ("sent_new", "cus-tarnow", "kis-razem", 2),
    ("sent_new", "ops-zabno", "kis-razem", 1),
    ("sent_new", "pcpr-tarnow", "ngo-krok", 1),
    ("sent_new", "kis-razem", "kis-przystanek", 2),
    ("under_way", "kis-razem", "kis-przystanek", 1),
    ("under_way", "kis-razem", "odwyk-tarnow", 1),
    ("under_way", "ops-przyklad", "odwyk-tarnow", 1),
    ("sent_late", "kis-razem", "", 2),
    ("sent_late", "kis-przystanek", "", 1),
    ("asked_open", "kis-razem", "", 2),
    ("asked_open", "kis-razem", "odwyk-tarnow", 1),
    ("asked_open", "ops-przyklad", "", 1),
    ("waiting_open", "kis-razem", "", 3),
    ("waiting_open", "ops-zabno", "", 1),
    ("waiting_too_long", "kis-razem", "", 1),
    ("accepted_open", "kis-razem", "", 2),
    ("accepted_open", "kis-razem", "ngo-otwarte-drzwi", 1),
    ("accepted_open", "ops-przyklad", "", 1),
    ("scheduled_open", "kis-razem", "", 3),
    ("scheduled_open", "kis-razem", "odwyk-tarnow", 1),
    ("scheduled_open", "cus-tarnow", "", 1),
    ("under_way", "kis-razem", "", 4),
    ("under_way", "kis-razem", "ngo-otwarte-drzwi", 2),
    ("under_way", "kis-przystanek", "", 2),
    ("under_way", "ops-przyklad", "", 2),
    ("under_way", "pcpr-tarnow", "", 2),
    ("on_hold_open", "kis-razem", "", 2),
    ("on_hold_open", "cus-tarnow", "", 1),
    ("cancel_open", "kis-razem", "", 1),
    ("cancel_open", "pcpr-tarnow", "", 1),
    ("refused_lately", "kis-razem", "", 2),
    ("refused_lately", "kis-przystanek", "", 1),
    ("delivered_lately", "kis-razem", "", 3),
    ("alone_open", "kis-razem", "odwyk-tarnow", 1),
    ("alone_open", "kis-razem", "", 1),
)
"""Script, sending institution, receiver ("" any), how many."""


def _still_open(now: datetime, rng: Random) -> list[Story]:
    """The wanted open cases; one that no person fits is left out rather than bent."""
    made: list[Story] = []
    used: set[tuple[str, str, str]] = set()
    asked: Counter[tuple[str, str]] = Counter()
    for script, sender, receiver, count in WANTED:
        days, run = OPEN[script]
        full = script in ("waiting_open", "refused_lately")
        fitting = [
            (person, pair)
            for person in people()
            if person.owner == sender
            for pair in choices(person)
            if receiver in ("", pair[1].at) and (full or pair[1].state in ("fresh", "ask", "none"))
        ]
        rng.shuffle(fitting)
        if full:
            fitting.sort(key=lambda found: found[1][1].state != "full")
        for person, pair in fitting:
            cell = (person.key, pair[1].at, pair[1].key)
            # Small offers have two or three free places: more open cases than that would be refused.
            busy = asked[cell[1:]] >= (2 if (pair[1].places or 9) >= 6 else 1)
            if count == 0 or cell in used or busy:
                continue
            used.add(cell)
            asked[cell[1:]] += 1
            count -= 1
            made.append(story(script, person, pair, office_hour(now - timedelta(days=days), rng), rng, run))
    return made


def plan(count: int, now: datetime, seed: int) -> list[Story]:
    """`count` stories in the order they began; nothing in them happens after `now`."""
    rng = Random(seed)  # noqa: S311 -- invented lives, not secrets
    still_open = _still_open(now, rng)[:count]
    ended = finished(count - len(still_open), now, rng)
    first = len(ended) + 1
    numbered = [msgspec.structs.replace(one, nr=first + nr) for nr, one in enumerate(still_open)]
    known: set[int] = set()
    kept: list[Story] = []
    for one in sorted((*ended, *numbered), key=lambda one: (one.started, one.nr)):
        steps = tuple(step for step in one.steps if step.at <= now)
        over = len(steps) == len(one.steps)
        follows = one.follows if one.follows in known else None
        known.add(one.nr)
        kept.append(msgspec.structs.replace(one, steps=steps, follows=follows, feedback=one.feedback if over else None))
    return kept

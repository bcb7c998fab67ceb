"""What a list of referrals shows: one box as it was asked for, with words, age, the likely act and plans B."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.caseload.next_act import WANTS_OTHERS, likely_act, words_of_turn
from referral_hub.caseload.reminding import lately
from referral_hub.database.columns import new_id
from referral_hub.matching.queries import Match
from referral_hub.referrals.ageing import age_of
from referral_hub.referrals.other_offers import other_offers
from referral_hub.referrals.sisters import Waiting, waiting_to_decide
from referral_hub.referrals.states import FINAL
from referral_hub.referrals.story import next_words
from referral_hub.referrals.worklist import BOXES, PER_PAGE, Worklist, WorkRow, worklist
from referral_hub.referrals.worklist_asked import read_asked
from referral_hub.vocabularies import book
from referral_hub.web.wording import sentence_of

PLANS_B: Final = 3
"""For so many silent referrals of a page the list itself says who has a place now; looking costs more than listing."""


class Listing(Struct, frozen=True):
    """A page of the list: rows as templates show them, what is to be decided above it, other offers by task."""

    listed: Worklist
    rows: list[dict[str, Any]]
    to_decide: list[Waiting]
    others: dict[UUID, Match]


async def listing(actor: Actor, asked: Mapping[str, str], language: str, *, start: int = 1) -> Listing:
    """The page `start` of what an address asks for."""
    listed = await box_asked(actor, asked, start=start)
    return Listing(
        listed,
        shown_rows(listed.items, actor, language),
        await _to_decide(actor, listed),
        await _plans_b(listed, actor),
    )


async def box_asked(actor: Actor, asked: Mapping[str, str], *, start: int = 1, per_page: int = PER_PAGE) -> Worklist:
    """The box, scope, filters and order of an address, as the actor may see them."""
    return await worklist(
        actor,
        box=asked.get("box", ""),
        scope=scope_asked(actor, asked),
        page=start,
        per_page=per_page,
        asked=read_asked(asked),
        sort=asked.get("sort", ""),
    )


def scope_asked(actor: Actor, asked: Mapping[str, str]) -> str:
    """Whose referrals: a coordinator looks at the network unless told otherwise."""
    return asked.get("scope") or ("network" if actor.role == "coordinator" else "institution")


async def _plans_b(listed: Worklist, actor: Actor) -> dict[UUID, Match]:
    """The best other offer for the first few that nobody answers or has taken on."""
    if not actor.may(Permission.REFERRAL_SEND):
        return {}
    today = clock.today()
    wanted = [row.id for row in listed.items if words_of_turn(row, today) in WANTS_OTHERS][:PLANS_B]
    found = await other_offers(actor.acting_for(Permission.REFERRAL_SEND), wanted, today, most=1)
    return {task: offers[0] for task, offers in found.items() if offers}


def shown_rows(rows: list[WorkRow], actor: Actor, language: str) -> list[dict[str, Any]]:
    """Rows as templates show them: words, age, what next and the likely act."""
    sends, answers = actor.may(Permission.REFERRAL_SEND), actor.may(Permission.REFERRAL_ANSWER)
    return [_shown(row, language, sends=sends, answers=answers) for row in rows]


def _shown(row: WorkRow, language: str, *, sends: bool, answers: bool) -> dict[str, Any]:
    today = clock.today()
    side = {"sent": "SND", "incoming": "RCV" if answers else "COO"}.get(row.side, "COO")
    moved = row.moved_at.astimezone(clock.WARSAW).date()
    special = words_of_turn(row, today) if side != "COO" else ""
    act = likely_act(row, today, sends=sends, answers=answers, may_remind=not lately(row.reminded_at, today))
    words = next_words(side, row.state, language, no_data=row.no_data)
    return {
        "row": row,
        "need": book.label("need", row.need, language),
        "age": None if row.state in FINAL else age_of(moved, row.due_on if row.clock else None, today),
        "next": sentence_of(language, "next", special) if special else words,
        "act": act,
        "markable": sends and row.side == "sent" and (row.state not in FINAL),
        "key": str(new_id()),
    }


async def _to_decide(actor: Actor, listed: Worklist) -> list[Waiting]:
    """Accepted referrals whose sisters wait for a word of the sender, shown above what is to do."""
    if listed.box != BOXES[0] or not actor.may(Permission.REFERRAL_SEND):
        return []
    return await waiting_to_decide(actor, mine=listed.scope == "mine")

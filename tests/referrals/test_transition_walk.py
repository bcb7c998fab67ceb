"""Verb × state × party × channel: buttons on pages, `moves` of the API and what is enforced never differ."""

import re
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec import structs

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.links import make_link
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import HubError
from referral_hub.referrals.buttons import MOST_FIRST
from referral_hub.referrals.moves import MoveRefused, find, speaks_as
from referral_hub.referrals.queries import referral
from referral_hub.referrals.states import SAYABLE, Channel, Party, State, Verb
from tests.build import make_institution, make_offer, sign_in_as
from tests.referrals.scene import Scene, make_scene
from tests.referrals.walked import HOW, VARIANTS, Seat, attempt, fields_for, in_state, moves_on, told

pytestmark = pytest.mark.anyio
DOC = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
CLOCKS = (Verb.EXPIRE, Verb.ESCALATE, Verb.AGREE_CANCEL)
EVERY = [*HOW, *VARIANTS]


class Walk:
    """A scene with a referral in every state, and a client that can sit in every seat."""

    def __init__(self, web: httpx.AsyncClient, sql: asyncpg.Connection) -> None:
        self.web, self.sql = web, sql
        self.tasks: dict[str, UUID] = {}
        self.cookies: dict[str, str] = {}
        self.seats: dict[str, Seat] = {}

    async def begin(self) -> None:
        self.scene: Scene = await make_scene(free=60)
        other = await make_institution("Inna Fundacja Próbna")
        self.offer = await make_offer(other, free=4)
        for name in EVERY:
            self.tasks[name] = await in_state(self.scene, name)
        roles = {"SND": (self.scene.club, "caseworker"), "RCV": (self.scene.partner, "partner_intake")}
        for party, (where, role) in {**roles, "COO": (self.scene.club, "coordinator")}.items():
            actor = await sign_in_as(self.web, where, role)
            self.cookies[party] = self.web.cookies[COOKIE]
            channels = tuple(SAYABLE) if party == "SND" else (Channel.SELF,)
            self.seats[party] = Seat(party, actor, party, channels)
        self.seats["SYS"] = Seat("SYS", SYSTEM_ACTOR, "SYS", (Channel.SELF,))
        self.seats["PAR"] = Seat("PAR", await self.scene.participant(), "PAR", (Channel.SELF,))

    def sit(self, party: str) -> None:
        self.web.cookies.clear()
        self.web.cookies.set(COOKIE, self.cookies[party])

    async def guest(self, task: UUID) -> Seat:
        return Seat("guest", await self.scene.guest(task), "RCV", (Channel.SELF,))

    async def everybody(self, name: str) -> list[Seat]:
        """All seats before a referral; where a code is asked for, the guest is there with it and without."""
        guest = await self.guest(self.tasks[name])
        known = [Seat("guest, code", structs.replace(guest.actor, code_given=True), "RCV", guest.channels)]
        return [*self.seats.values(), guest, *(known if name == "sent, code asked" else [])]

    async def open_to(self, seat: Seat, task: UUID) -> set[tuple[str, str]]:
        """What the hub says this seat may do now; nothing where it may not even look."""
        try:
            found = await referral(seat.actor, task, open_person=False)
        except HubError:
            return set()
        return {(move.row.verb.value, channel.value) for move in found.moves for channel in move.channels}


@pytest.fixture
async def walk(web: httpx.AsyncClient, database: asyncpg.Connection) -> Walk:
    begun = Walk(web, database)
    await begun.begin()
    return begun


async def test_buttons_and_the_api_name_the_same_moves_in_every_state(walk: Walk) -> None:
    for party in ("SND", "RCV", "COO"):
        walk.sit(party)
        for name, task in walk.tasks.items():
            shown, answer = await walk.web.get(f"/referrals/{task}"), await walk.web.get(f"/api/v1/referrals/{task}")
            assert shown.status_code == answer.status_code, (party, name)
            if answer.status_code != 200:
                assert answer.status_code == 404
                continue
            named = told(answer.json()["moves"])
            assert named == await walk.open_to(walk.seats[party], task), (party, name)
            pressed = moves_on(shown.text)
            if f'href="/referrals/{task}/check"' in shown.text:
                pressed.add(("send", "self"))
            assert pressed == named, (party, name)
            first = shown.text.split('<details class="more"')[0]
            if party == "RCV":
                assert len(moves_on(first)) <= MOST_FIRST, name
                # What is over has nothing to press first; a correction stands under "more".
                assert bool(moves_on(first)) == bool(named - {("amend", "self")}), name


async def test_the_link_of_a_receiver_and_the_persons_own_page_show_what_is_open(walk: Walk) -> None:
    walk.web.cookies.clear()
    for name, task in walk.tasks.items():
        seat = await walk.guest(task)
        secret, _ = await make_link("a", by=SYSTEM, institution=walk.scene.partner, subject=task)
        await walk.web.get(f"/a/{secret}")
        shown = await walk.web.get("/a")
        named = await walk.open_to(seat, task)
        if shown.status_code == 200:
            assert moves_on(shown.text) == named, name
            assert len(moves_on(shown.text.split('<details class="more"')[0])) <= MOST_FIRST, name
        else:
            assert not named, name
    secret, _ = await make_link("p", by=SYSTEM, subject=walk.scene.person)
    await walk.web.get(f"/p/{secret}")
    own = (await walk.web.get("/p")).text
    for name, task in walk.tasks.items():
        assert moves_on(own, task) == await walk.open_to(walk.seats["PAR"], task), name


async def test_what_is_offered_is_done_and_nothing_else_is(walk: Walk, request: pytest.FixtureRequest) -> None:
    """Every open cell is made and taken back; of the closed ones every 61st here, all of them with --full.

    A letter is the same row as a phone call, so only some of its cells are made here.
    """
    full, tried, allowed, refused, number = request.config.getoption("--full"), 0, 0, 0, 0
    wrong = []
    for name, task in walk.tasks.items():
        for seat in await walk.everybody(name):
            open_now = await walk.open_to(seat, task) if seat.party != "SYS" else None
            for verb in Verb:
                for channel in seat.channels:
                    number += 1
                    state = VARIANTS.get(name, (name, ""))[0]
                    cell = (verb.value, str(channel))
                    expected = cell in open_now if open_now is not None else None
                    if channel is Channel.PAPER and not full and number % 5:
                        continue
                    if not expected and not full and number % 61 and not (seat.party == "SYS" and verb in CLOCKS):
                        continue
                    tried += 1
                    of_person = seat.party == "PAR" or channel is Channel.PERSON
                    fields = fields_for(verb, state, walk.offer, of_person=of_person and verb is Verb.WITHDRAW)
                    if seat.party == "COO" and verb is Verb.VOID:
                        fields = {"reason": "entered_in_error"}
                    try:
                        await attempt(walk.sql, task, seat, verb, channel, fields)
                    except HubError:
                        refused += 1
                        made = False
                    else:
                        allowed += 1
                        made = True
                    if expected is not None and made != expected:
                        wrong.append((name, seat.name, *cell, "made" if made else "refused"))
    print(f"\nwalk: {number} cells of the database, {tried} tried, {allowed} made, {refused} refused")
    assert wrong == []
    assert allowed > 150


def cells() -> dict[str, int]:
    """Every cell of the pure table: verb × state × party × channel, and how it is answered."""
    counted: dict[str, int] = {}
    for verb in Verb:
        for state in State:
            for party in Party:
                for channel in SAYABLE:
                    try:
                        find(verb, state, speaks_as(party, verb, channel))
                        answer = "allowed"
                    except MoveRefused as refusal:
                        answer = refusal.code
                    counted[answer] = counted.get(answer, 0) + 1
    return counted


def test_the_document_says_the_figures_of_the_walk() -> None:
    counted = cells()
    total, allowed = sum(counted.values()), counted["allowed"]
    assert total == len(Verb) * len(State) * len(Party) * len(SAYABLE)
    text = " ".join(DOC.read_text(encoding="utf-8").split())
    said = re.search(r"([\d,]+) cells: ([\d,]+) allowed, ([\d,]+) refused", text)
    assert said is not None
    assert [int(number.replace(",", "")) for number in said.groups()] == [total, allowed, total - allowed]
    print(f"\nverb × state × party × channel: {total} cells, {counted}")

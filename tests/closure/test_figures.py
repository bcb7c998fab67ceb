"""Figures of closing against data counted by hand; small numbers hidden, also where others would give them away."""

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

import referral_hub
from referral_hub import clock
from referral_hub.closure.figure_queries import groups_seen_by
from referral_hub.closure.figures import MEASURES, NO, YES, Group, Share, counted, in_full, lines
from referral_hub.closure.panels import closing_figures
from referral_hub.closure.standing_out import standing_out
from referral_hub.cooperation.network import ALL_TIME, period_of, wider_views
from referral_hub.cooperation.secrecy import TOTAL
from referral_hub.referrals.actions import give_feedback, mark_seen
from referral_hub.referrals.observed import count_observed
from referral_hub.referrals.states import State
from tests.build import actor_for, make_institution, sign_in_as
from tests.referrals.scene import ALONE, Scene, make_scene, rows

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 30, 10, tzinfo=clock.WARSAW)  # a Monday; Easter Monday is 6 April
FLOW = "kis → ngo"
COMPOSER = ("new.html", "parts.html")


def group(key: str = "a", *, count: int = 1, month: date = date(2026, 1, 1), **facts: object) -> Group:
    """Referrals that ended well, all alike."""
    usual = {
        "form": "szkolenie", "state": State.DELIVERED, "began": True, "seen": True, "alone": False,
        "decided": "accepted", "got_help": "", "again": False, "sent_on": month, "answered_on": None,
        "came": 0, "absent": 0,
    }  # fmt: skip
    return Group(**{**usual, **facts}, key=key, count=count, month=month)  # type: ignore[arg-type]


def shown(groups: list[Group], period: str = "", form: str = "") -> dict[tuple[str, str], Share]:
    found = lines(groups, period_of(period) or ALL_TIME, form, wider_views(period, form))
    return {(line.key, measure): share for line in found for measure, share in line.shares.items()}


def test_a_small_side_hides_its_figure_and_one_beside_it() -> None:
    # By hand: a 18 of 20 closed (2 are a small count), b 15 of 30, c 40 of 40; together 73 of 90.
    groups = [
        group("a", count=18), group("a", count=2, seen=False),
        group("b", count=15), group("b", count=15, seen=False), group("c", count=40),
    ]  # fmt: skip
    found = shown(groups)
    assert found["a", "closed"] == Share(None)
    assert found[TOTAL, "closed"] == Share(90, share=73 / 90)
    assert found["b", "closed"] == Share(None), "beside the total it would give a away"
    full = {line.key: line.shares["closed"] for line in in_full(groups, ALL_TIME, "")}
    assert full == {"c": Share(40, share=1.0), "b": Share(30, share=0.5), "a": Share(20, share=0.9),
                    TOTAL: found[TOTAL, "closed"]}  # fmt: skip


def test_under_five_answers_nothing_is_a_figure() -> None:
    for number in range(1, 5):
        found = shown([group(count=number, got_help="yes"), group("b", count=30)])
        assert found["a", "helped"] == Share(None)
        assert found[TOTAL, "helped"] == Share(None)
    assert shown([group(count=5, got_help="partly")])["a", "helped"] == Share(5, share=1.0)


def test_a_quarter_is_hidden_where_the_year_would_give_the_rest_away() -> None:
    groups = [group(count=10), group(count=3, month=date(2026, 5, 1))]
    assert shown(groups, "2026")["a", "closed"] == Share(13, share=1.0)
    assert shown(groups, "2026-1")["a", "closed"] == Share(None)


def test_measures_of_the_same_cases_are_hidden_together() -> None:
    groups = [group(count=19), group(count=1, seen=False), group(count=20, again=True)]
    found = shown(groups)
    assert found["a", "closed"] == found["a", "again"] == Share(None)


def test_each_measure_counts_what_it_says() -> None:
    groups = [
        group(count=3, state=State.IN_PROGRESS, got_help="waiting", came=6, absent=2),
        group(count=4, state=State.DECLINED, began=False, decided="declined", again=True),
        group(count=5, state=State.DELIVERED, alone=True, decided="", got_help="partly", answered_on=date(2026, 1, 5)),
        group(count=6, state=State.WITHDRAWN, decided="accepted"),
        group(count=7, state=State.VOID, decided=""),
    ]
    found = {
        measure: (counts.get(("a", YES), 0), counts.get(("a", NO), 0))
        for measure, counts in counted(groups, ALL_TIME, "").items()
    }
    assert found == {
        "closed": (9, 6),  # four declined, five delivered; six left after help had begun, and nobody said how it ended
        "helped": (5, 3),
        "answer": (0, 0),  # who goes alone was asked of nobody
        "accepted": (9, 4),
        "no_show": (2, 6),
        "again": (4, 11),
    }


async def _story(scene: Scene, day: int, how: str) -> None:
    """A referral sent on the Monday before Easter and answered after so many days."""
    with clock.at(START):
        task = await scene.sent()
    with clock.at(START + timedelta(days=day)):
        if how == "declined":
            await scene.move(task, "decline", {"reason": "wrong_service"}, by=scene.intake)
            return
        await scene.move(task, "accept", by=scene.intake)
        day_told = clock.today().isoformat()
        await scene.move(task, "start", {"date": day_told}, by=scene.intake)
        await scene.move(task, "attend", {"attendance": "came"}, by=scene.intake)
        await scene.move(task, "deliver", {"outcome": "dlugi", "date": day_told}, by=scene.intake)
        if how == "seen":
            await mark_seen(task, actor=scene.caseworker)
            person = await scene.participant()
            await give_feedback(task, actor=person, got_help="yes", treated_well="yes")


@pytest.fixture
async def told(database: asyncpg.Connection) -> Scene:
    """Six answered on Tuesday and read, five after Easter and not yet read, five declined on Thursday, one alone."""
    with clock.at(START - timedelta(days=500)):
        scene = await make_scene(free=None)
    for day, how, times in ((1, "seen", 6), (8, "unread", 5), (3, "declined", 5)):
        for _ in range(times):
            await _story(scene, day, how)
    with clock.at(START):
        await scene.sent(basis=ALONE)
    return scene


async def test_hand_counted_referrals_give_hand_counted_figures(told: Scene, web: httpx.AsyncClient) -> None:
    coordinator = await actor_for(told.club, "coordinator")
    found = {line.key: line.shares for line in in_full(await groups_seen_by(coordinator, "flow"), ALL_TIME, "")}
    assert found[FLOW] == found[TOTAL] == {
        "closed": Share(16, share=6 / 16),
        "helped": Share(6, share=1.0),
        "answer": Share(16, days=3.0),  # 1 × 6, 3 × 5, and 5 × 5: Tuesday after Easter is the fifth business day
        "accepted": Share(16, share=11 / 16),
        "no_show": Share(11, share=0.0),
        "again": Share(16, share=0.0),
    }  # fmt: skip
    by_offer = in_full(await groups_seen_by(coordinator, "offer", offer=told.offer), ALL_TIME, "")
    assert [line.key for line in by_offer] == [str(told.offer), TOTAL]
    await sign_in_as(web, told.club, "coordinator")
    page = (await web.get("/cooperation/closing")).text
    assert "38%" in page
    assert "n&nbsp;=&nbsp;16" in page
    table = list(csv.reader(io.StringIO((await web.get("/cooperation/closing.csv?by=need")).text[1:]), delimiter=";"))
    assert [cell.replace("\xa0", "") for cell in table[1][1:]][:6] == ["38%", "16", "100%", "6", "3", "16"]
    api = (await web.get("/api/v1/cooperation/closing?by=need")).json()
    assert {name: one["n"] for name, one in api["lines"][0]["figures"].items()} == {
        "closed": 16, "helped": 6, "answer": 16, "accepted": 16, "no_show": 11, "again": 16,
    }  # fmt: skip
    assert api["lines"][0]["figures"]["answer"]["days"] == 3.0


async def test_the_offers_page_shows_staff_how_its_referrals_end(told: Scene, web: httpx.AsyncClient) -> None:
    await count_observed()
    ended = ("Wiadomo, jak się skończyło", "Osoby mówią: pomoc była", "z 16 zgłoszeń z całego czasu")
    page = (await web.get(f"/offers/{told.offer}")).text
    assert not any(words in page for words in ended), "for staff only"
    await sign_in_as(web, told.club, "caseworker")
    page = (await web.get(f"/offers/{told.offer}")).text
    assert all(words in page for words in ended)
    assert "38%" in page
    await rows("delete from offer_observed")
    page = (await web.get(f"/offers/{told.offer}")).text
    assert all(words in page for words in ended), "what is counted of the whole time stays after a year without any"
    worker = await actor_for(told.club, "caseworker")
    found = {one.code: (one.n, one.share) for one in await closing_figures(told.offer, worker)}
    assert found == {"closed": (16, 6 / 16), "helped": (6, 1.0), "again": (16, 0.0)}
    outside = await actor_for(await make_institution("Inny", kind="kis"), "coordinator")
    assert await closing_figures(told.offer, outside) == [], "beside the table it would give away what that hides"
    with clock.at(START + timedelta(days=1)):
        few = await make_scene(free=None)
        for _ in range(4):
            await few.move(await few.sent(), "decline", {"reason": "wrong_service"}, by=few.intake)
    assert await closing_figures(few.offer, worker) == [], "under five there is no figure"


async def test_small_numbers_never_leave_by_page_file_or_program(told: Scene, web: httpx.AsyncClient) -> None:
    with clock.at(START + timedelta(days=1)):
        for _ in range(3):
            await told.move(await told.sent(), "decline", {"reason": "wrong_service"}, by=told.intake)
    await sign_in_as(web, told.club, "coordinator")
    for address in ("/cooperation/closing", "/cooperation/closing.csv", "/api/v1/cooperation/closing"):
        assert (await web.get(address, params={"period": "1999"})).status_code == 200
        assert (await web.get(address, params={"by": "person"})).status_code == 422
        assert (await web.get(address, params={"by": "offer", "form": "nie_ma"})).status_code == 422
    assert (await web.get("/cooperation/closing?full=1")).status_code == 200
    for address in ("/cooperation/closing.csv", "/api/v1/cooperation/closing"):
        assert (await web.get(f"{address}?full=1")).status_code == 403
    await sign_in_as(web, await make_institution("Inny", kind="kis"), "coordinator")
    assert (await web.get("/cooperation/closing?full=1")).status_code == 403
    await sign_in_as(web, told.club, "caseworker")
    for address in ("/cooperation/closing", "/cooperation/closing.csv", "/api/v1/cooperation/closing"):
        assert (await web.get(address)).status_code == 403


def test_nobody_is_matched_ranked_or_shown_by_days_missed() -> None:
    rooms = Path(referral_hub.__file__).parent
    templates = rooms.parent / "templates"
    read = [file for room in ("matching", "search", "participants") for file in (rooms / room).glob("*.py")]
    read += [*(templates / "participants").glob("*.html"), *(templates / "referrals" / n for n in COMPOSER)]
    assert len(read) > 20
    for file in read:
        text = file.read_text()
        for word in ("no_show", "attendance", "hub.closure", "task_event"):
            assert word not in text, (file.name, word)


async def test_a_person_who_did_not_come_is_offered_the_same(
    database: asyncpg.Connection, web: httpx.AsyncClient
) -> None:
    scene = await make_scene(free=None)
    await sign_in_as(web, scene.club, "caseworker")
    address = f"/referrals/new?person={scene.person}&need=prawo"
    task = await scene.accepted()

    async def offered() -> list[str]:
        text = (await web.get(address)).text
        return [part.split('"')[0] for part in text.split('href="/offers/')[1:]]

    before = await offered()
    day = clock.today().isoformat()
    await scene.move(task, "schedule", {"date": day}, by=scene.intake)
    await scene.move(task, "attend", {"attendance": "absent"}, by=scene.intake)
    assert await offered() == before


def test_no_line_has_a_person_in_it() -> None:
    assert {"person", "participant", "case_code", "task"}.isdisjoint(Group.__struct_fields__)
    assert len(MEASURES) == 6


def test_offers_beside_the_flow_to_their_kind_do_not_give_a_small_one_away() -> None:
    # By hand: a parish has two offers, answered for 5 and 2; the flow to it says 7, so 7 - 5 must not stand there.
    day = {"answered_on": date(2026, 1, 2)}
    groups = [
        group("p", count=5, receives="parafia", **day), group("q", count=2, receives="parafia", **day),
        group("x", count=9, receives="ngo", **day), group("y", count=2, receives="ngo", **day),
        group("z", count=30, receives="ops", **day),
    ]  # fmt: skip
    found = shown(groups)
    by_flow = shown([group(one.receives, count=one.count, **day) for one in groups])
    for kind, keys in (("parafia", "pq"), ("ngo", "xy"), ("ops", "z")):
        whole = by_flow[kind, "answer"].n
        left = (whole or 0) - sum(found[key, "answer"].n or 0 for key in keys)
        assert whole is None or left == 0 or left >= 5
    assert found["z", "answer"].n == 30


def test_what_stands_out_is_said_of_shown_figures_only_and_the_largest_first() -> None:
    groups = [
        group("a", count=20, decided="declined"), group("a", count=20),
        group("b", count=10, decided="declined"), group("b", count=20),
        group("c", count=3, decided="declined"), group("c", count=1),
        group("d", count=80),
    ]  # fmt: skip
    told = lines(groups, ALL_TIME, "", [])
    out = standing_out(told)
    assert [line.key for line in out["accepted"]] == ["a"], "b and c are hidden"
    assert [line.key for line in standing_out(in_full(groups, ALL_TIME, ""))["accepted"]] == ["a", "b"]
    assert out["again"] == out["answer"] == []
    assert standing_out([]) == {}


def test_the_order_of_lines_says_nothing_of_what_is_hidden() -> None:
    groups = [group("b", count=1), group("a", count=4), group("e", count=30), group("d", count=40)]
    told = lines(groups, ALL_TIME, "", [])[:-1]
    size = {line.key: max(share.n or 0 for share in line.shares.values()) for line in told}
    assert 0 in size.values()
    assert [line.key for line in told] == sorted(size, key=lambda key: (-size[key], key))


def test_a_reader_who_knows_its_own_share_finds_no_small_rest() -> None:
    groups = [group("a", count=12, own=True), group("a", count=2), group("b", count=30), group("c", count=20)]
    assert shown(groups)["a", "closed"] == Share(14, share=1.0)
    told = {line.key: line.shares["closed"] for line in lines(groups, ALL_TIME, "", [], outside=True)}
    assert told["a"] == Share(None)
    assert Share(None) in (told["b"], told["c"], told[TOTAL]), "or the total would give it away"

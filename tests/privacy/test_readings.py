"""Every reading of a person is a disclosure line: who opens sealed words is listed, and every page is asked."""

import ast
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

import referral_hub
from referral_hub.accounts.links import COOKIES, make_link, seal_cookie, token
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.transaction import SYSTEM
from referral_hub.referrals.actions import give_feedback
from tests.build import sign_in_as
from tests.referrals.scene import LABEL, Scene, make_scene, rows, value

pytestmark = pytest.mark.anyio
PACKAGE = Path(referral_hub.__file__).parent
OPENERS = {"unseal", "open_fields", "words_of", "sealed_groups"}
LINES = {"log_opening", "note_reading", "_note_reading", "_note_words", "disclosure_line"}
# Who opens something sealed, and where the line is written: in itself, by its caller, or why there is none.
READERS = {
    "participants/disclosures.py:sealed_groups": "callers",
    "participants/disclosures.py:open_fields": "callers",
    "participants/actions.py:edit_person": "nobody reads: what was not typed anew is sealed again as it was",
    "participants/actions.py:open_person": "itself",
    "participants/merging.py:_learn": "nobody reads: two entries of one person are sealed again as one",
    "referrals/person_seen.py:person_seen": "itself",
    "referrals/history.py:words_of": "callers",
    "referrals/queries.py:_opinion": "referrals/queries.py:_seen",
    "referrals/moments.py:_moment": "referrals/queries.py:_seen",
    "referrals/papers_kept.py:papers_history": "numbers and days of papers, for the sender that wrote them",
    "referrals/grounds.py:shares_criminal_data": "nobody reads: whether a group is of art. 10 decides a sending",
    "attendance/queries.py:_name": "itself",
    "caseload/notes.py:open_notes": "itself",
    "paths/queries.py:_opened": "paths/queries.py:open_path",
    "closure/queries.py:_open": "closure/queries.py:_in_roles",
    "mail/actions.py:facts_of": "facts of a mail: a number and a link",
    "web/once.py:_repeat": "an answer kept for a repeat; answers about people are told anew",
    "commands/doctor.py:_sealed_by_our_key": "nobody reads: whether the key fits",
}


def calls_in(function: ast.AST) -> set[str]:
    named = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {
        name.id if isinstance(name, ast.Name) else name.attr
        for name in named
        if isinstance(name, ast.Name | ast.Attribute)
    }


def functions() -> dict[str, set[str]]:
    """Every function of a file that opens or leaves lines, and what it calls."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        if not any(f"{name}(" in text for name in OPENERS | LINES):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{path.relative_to(PACKAGE)}:{node.name}"] = calls_in(node)
    return found


def test_whoever_opens_something_sealed_is_listed_and_leaves_a_line() -> None:
    every = functions()
    opening = {name for name, calls in every.items() if calls & OPENERS}
    assert opening == set(READERS)
    for name, where in READERS.items():
        if where == "itself":
            assert every[name] & LINES, name
        elif ":" in where and where.split(":")[0].endswith(".py"):
            assert every[where] & LINES, where


MARKS = {
    LABEL: "label",
    "600 700 800": "contact",
    "prosi o popołudnie": "note",
    "Czy zna cyrylicę?": "words",
    "Zna, trochę": "words",
    "byli mili": "opinion",
}
PERSONAL = (
    "referrals",
    "people",
    "attendance",
    "participation",
    "paths",
    "discrepan",
    "closing",
    "privacy",
    "my-offers",
    "a",
    "p",
)


async def a_full_case() -> tuple[Scene, UUID]:
    """A referral under way with everything that can be said about a person in it."""
    scene = await make_scene()
    task = await scene.sent(note="prosi o popołudnie")
    await scene.move(task, "ask", {"question": "Czy zna cyrylicę?"}, by=scene.intake)
    await scene.move(task, "answer", {"answer": "Zna, trochę"})
    await scene.move(task, "accept", by=scene.intake)
    await give_feedback(
        task,
        actor=await scene.participant(),
        got_help="no",
        treated_well="yes",
        words="byli mili",
        share_with_sender=True,
    )
    return scene, task


def addresses(app: Litestar, scene: Scene, task: UUID) -> list[str]:
    """Every page and API address that may be about people, with this case's ids in it."""
    ids = {"task": task, "person": scene.person, "offer": scene.offer, "institution": scene.club}
    found = set()
    for route in app.routes:
        path = str(route.path)
        parts = path.strip("/").removeprefix("api/v1/").split("/")
        if "GET" not in getattr(route, "methods", ()) or not parts[0].startswith(PERSONAL):
            continue
        for name, one in ids.items():
            path = path.replace(f"{{{name}:uuid}}", str(one))
        if "{" not in path:
            found.add(path)
    return sorted(found)


async def lines_about(person: UUID) -> set[tuple[Any, ...]]:
    return {
        (line["id"], name)
        for line in await rows("select id, fields from disclosure where participant = $1", person)
        for name in line["fields"]
    }


async def readings(web: httpx.AsyncClient, app: Litestar, scene: Scene, task: UUID) -> dict[str, set[str]]:
    """Ask for everything there is; where words of the person stand on an answer, each was noted in its transaction."""
    shown: dict[str, set[str]] = {}
    guest = COOKIES["a"] in {cookie.name for cookie in web.cookies.jar}
    asked = [("GET", path) for path in addresses(app, scene, task) if (path == "/a") is guest]
    asked += (
        [("POST", "/a/open")]
        if guest
        else [("POST", f"/referrals/{task}/open"), ("POST", f"/people/{scene.person}/open")]
    )
    before = await lines_about(scene.person)
    for method, path in asked:
        answer = await web.request(method, path)
        after = await lines_about(scene.person)
        told = {field for mark, field in MARKS.items() if answer.status_code < 400 and mark in answer.text}
        noted = {name for _, name in after - before}
        assert told <= noted, f"{method} {path} shows {told - noted} and notes nothing"
        if told:
            shown[path.split("?")[0]] = told
        before = after
    return shown


@pytest.mark.parametrize("role", ["caseworker", "coordinator", "partner_intake", "guest"])
async def test_what_stands_on_a_page_about_a_person_stands_in_the_list(
    web: httpx.AsyncClient, app: Litestar, role: str
) -> None:
    scene, task = await a_full_case()
    if role == "guest":
        _, link = await make_link("a", by=SYSTEM, institution=scene.partner, subject=task)
        web.cookies.set(COOKIES["a"], seal_cookie(link), path="/a")
        web.headers["X-CSRF-Token"] = token(link)
    else:
        await sign_in_as(web, scene.partner if role == "partner_intake" else scene.club, role)
    shown = await readings(web, app, scene, task)
    api, own = f"/api/v1/referrals/{task}", f"/referrals/{task}/open"
    expected = {"caseworker": {api, own}, "partner_intake": {api, own}, "guest": {"/a/open"}}
    for path in expected.get(role, ()):
        assert {"label", "contact", "note"} <= shown[path], path
    if role == "coordinator":
        assert {"label", "contact", "note"}.isdisjoint(set().union(*shown.values()) if shown else set())


async def test_what_a_person_reads_about_itself_is_no_disclosure(web: httpx.AsyncClient) -> None:
    scene, _ = await a_full_case()
    before = await value("select count(*) from disclosure")
    _, link = await make_link("p", by=SYSTEM, subject=scene.person)
    web.cookies.delete(COOKIE)
    web.cookies.set(COOKIES["p"], seal_cookie(link), path="/p")
    assert (await web.get("/p")).status_code == 200
    assert await value("select count(*) from disclosure") == before

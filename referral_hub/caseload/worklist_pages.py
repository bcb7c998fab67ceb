"""The worklist as a page: boxes with counts, filters and order in the address, a search without names in it, paper."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.caseload.listing import box_asked, listing, scope_asked, shown_rows
from referral_hub.database.columns import new_id
from referral_hub.errors import NotFound
from referral_hub.participants.finding import people_called
from referral_hub.participants.queries import person_seen_by
from referral_hub.referrals.drafts import PRIORITIES
from referral_hub.referrals.worklist import ALL, BOXES, SORTS, Worklist, worklist
from referral_hub.referrals.worklist_asked import LONGEST, SIDES, Asked, read_asked
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import code_text, page
from referral_hub.web.wording import sentence_of

Answer = Response[bytes]
FILTERS: Final = ("side", "need", "priority", "late", "q", "person", "sort")
ON_PAPER: Final = 500


@get("/referrals", opt=needs(Permission.REFERRAL_READ))
async def show_worklist(request: Request[Any, Any, Any]) -> Answer:
    """One box; the counts of all are those of the same scope and filters, so they agree with the lists."""
    number = request.query_params.get("page", "")
    start = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    return await worklist_page(request, dict(request.query_params), start=start)


@post("/referrals/find", opt=needs(Permission.REFERRAL_READ), status_code=303)
async def post_search(request: Request[Any, Any, Any]) -> Answer:
    """What was typed goes on in the address only if it is no person's label and finds something."""
    form, actor = Form(await request.form()), actor_of(request)
    words = form.text("q", required=False, most=LONGEST)
    kept = {"scope": form.value("scope")} if form.value("scope") else {}
    if not words:
        return go(_address(kept))
    people = await people_called(words, actor, by_code=False)
    if people:
        # Of several people of one label the last used comes first; the others are told by their codes.
        others = ",".join(row.case_code for row in people[1:])
        return go(_address({**kept, "box": ALL, "person": str(people[0].id), **({"also": others} if others else {})}))
    found = await worklist(actor, box=ALL, scope=scope_asked(actor, kept), asked=Asked(words=words))
    if found.total:
        return go(_address({**kept, "box": ALL, "q": words}))
    return await worklist_page(request, kept, not_found=words)


@get("/referrals/print", opt=needs(Permission.REFERRAL_READ))
async def show_print(request: Request[Any, Any, Any]) -> Answer:
    """The same list on paper: case codes only."""
    asked = dict(request.query_params)
    actor, language = actor_of(request), look_of(request).language
    listed = await box_asked(actor, asked, per_page=ON_PAPER)
    return page(
        request,
        "caseload/print.html",
        listed=listed,
        rows=shown_rows(listed.items, actor, language),
        now=clock.now(),
        back=_address({name: asked[name] for name in ("box", "scope", *FILTERS) if asked.get(name)}),
    )


async def worklist_page(
    request: Request[Any, Any, Any], asked: dict[str, str], *, start: int = 1, not_found: str = ""
) -> Answer:
    """The page for what was asked; `not_found`: what was looked for in vain, told here and not in the address."""
    actor, language = actor_of(request), look_of(request).language
    filters, shown = read_asked(asked), await listing(actor, asked, language, start=start)
    listed = shown.listed
    kept = {name: asked[name] for name in FILTERS if asked.get(name)}
    return page(
        request,
        "caseload/worklist.html",
        listed=listed,
        boxes=_boxes(listed, searches=filters.searches, sends=actor.may(Permission.REFERRAL_SEND)),
        all_of_them=sum(listed.counts.values()) if listed.box != ALL else listed.total,
        rows=shown.rows,
        to_decide=shown.to_decide,
        asked=filters,
        sort=asked.get("sort", "") if asked.get("sort") in SORTS else "",
        sorts=SORTS,
        sides=SIDES,
        priorities=PRIORITIES,
        need_terms=book.terms("need", language),
        chips=_chips(listed, filters, kept, language, await _case_code(actor, filters.person)),
        here=lambda **changes: _address({"scope": listed.scope, "box": listed.box, **kept, **changes}),
        may_send=actor.may(Permission.REFERRAL_SEND),
        may_answer=actor.may(Permission.REFERRAL_ANSWER),
        may_see_network=actor.role == "coordinator",
        others=shown.others,
        noted=asked.get("noted") == "1",
        done=asked.get("done", "") if asked.get("done", "").replace("_", "").isalpha() else "",
        also=[code for code in asked.get("also", "").split(",") if code][:9],
        not_found=not_found,
        key=str(new_id()),
    )


def _boxes(listed: Worklist, *, searches: bool, sends: bool) -> list[str]:
    """The lists to choose from; drafts only for whoever makes some, or where some are."""
    named = [box for box in BOXES if box != "drafts" or sends or listed.counts[box] or listed.box == box]
    return [ALL, *named] if searches else named


async def _case_code(actor: Actor, person: UUID | None) -> str:
    if person is None or not actor.may(Permission.PERSON_READ):
        return ""
    try:
        return (await person_seen_by(actor, person)).case_code
    except NotFound:
        return ""


def _chips(
    listed: Worklist, filters: Asked, kept: dict[str, str], language: str, case_code: str
) -> list[tuple[str, str]]:
    """(words of a filter, the address without it)."""

    def without(name: str) -> str:
        rest = {one: value for one, value in kept.items() if one != name}
        box = {} if listed.box == ALL and name in ("q", "person") else {"box": listed.box}
        return _address({"scope": listed.scope, **box, **rest})

    told = []
    if filters.words.strip():
        told.append((f"„{filters.words.strip()}”", without("q")))
    if filters.person is not None:
        told.append((f"{sentence_of(language, 'field', 'case_code')}: {case_code or '–'}", without("person")))
    if filters.side:
        told.append((code_text("side", filters.side), without("side")))
    if filters.need:
        told.append((book.label("need", filters.need, language), without("need")))
    if filters.priority:
        told.append((code_text("priority", filters.priority), without("priority")))
    if filters.late:
        told.append((code_text("side", "late"), without("late")))
    return told


def _address(asked: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/referrals?{query}" if query else "/referrals"


routes = [show_worklist, post_search, show_print]

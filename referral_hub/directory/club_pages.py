"""The page on which the club says who it is: register entry, people, resources and goals."""

from typing import Any, Final

from litestar import Request, Response, get, post

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import Refused
from referral_hub.vocabularies import book
from referral_hub.vocabularies.actions import write_profile
from referral_hub.vocabularies.queries import Profile, club_profile
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

RESOURCE_STATES: Final = ("own", "access", "missing")
MOST_PEOPLE: Final = 200


@get("/club", opt=needs(Permission.PROFILE_EDIT))
async def show_club(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The profile, ready to be changed."""
    profile = await club_profile()
    saved = request.query_params.get("saved") == "1"
    return _profile_page(request, profile, Form(_written(profile)), saved=saved)


@post("/club", opt=needs(Permission.PROFILE_EDIT), status_code=303)
async def post_club(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Keep what was written."""
    form = Form(await request.form())
    try:
        await write_profile(_read(form), by=actor_of(request).scope)
    except Refused as refusal:
        form.take(refusal)
        return _profile_page(request, await club_profile(), form, status=422)
    return Response(b"", status_code=303, headers={"Location": "/club?saved=1"})


def _codes(vocabulary: str) -> list[str]:
    return [word.code for word in book.words(vocabulary)]


def _read(form: Form) -> dict[str, dict[str, str]]:
    """Answers by key; raises Refused with all problems."""
    answers: dict[str, dict[str, str]] = {}
    for code in _codes("profile_field"):
        answers[f"profile_field:{code}"] = {"text": form.text(f"field-{code}", required=False, most=500)}
    for code in _codes("staff"):
        people = form.whole(f"people-{code}", required=False, most=MOST_PEOPLE)
        posts = form.text(f"posts-{code}", required=False, most=10).replace(",", ".")
        if posts and not _is_share(posts):
            form.add(f"posts-{code}", "not_a_number")
        answers[f"staff:{code}"] = {"people": "" if people is None else str(people), "posts": posts}
    for code in _codes("resource"):
        state = form.choice(f"resource-{code}", RESOURCE_STATES, required=False) or ""
        answers[f"resource:{code}"] = {"state": state}
    chosen = form.many("goals", _codes("goal"))
    answers["goals"] = {"codes": ",".join(chosen)}
    form.check()
    return answers


def _is_share(text: str) -> bool:
    """Full-time posts such as 0.5 or 1.25, below a thousand."""
    whole, _, part = text.partition(".")
    return whole.isdigit() and len(whole) <= 3 and (part == "" or (part.isdigit() and len(part) <= 2))


def _written(profile: Profile) -> dict[str, object]:
    written: dict[str, object] = {"goals": [code for code in profile.answer("goals", "codes").split(",") if code]}
    for code in _codes("profile_field"):
        written[f"field-{code}"] = profile.answer(f"profile_field:{code}")
    for code in _codes("staff"):
        written[f"people-{code}"] = profile.answer(f"staff:{code}", "people")
        written[f"posts-{code}"] = profile.answer(f"staff:{code}", "posts")
    for code in _codes("resource"):
        written[f"resource-{code}"] = profile.answer(f"resource:{code}", "state")
    return written


def _profile_page(
    request: Request[Any, Any, Any], profile: Profile, form: Form, *, saved: bool = False, status: int = 200
) -> Response[bytes]:
    language = look_of(request).language
    names = ("profile_field", "staff", "resource", "goal", "value", "coordinator_task")
    lists = {name: book.terms(name, language) for name in names}
    return page(
        request,
        "vocabularies/club.html",
        status=status,
        profile=profile,
        form=form,
        lists=lists,
        states=RESOURCE_STATES,
        saved=saved,
    )


routes = [show_club, post_club]

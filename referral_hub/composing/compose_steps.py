"""Which part of the composer is shown: whom, where to, on what basis; what is not shown is carried along. Pure."""

from typing import Final

from msgspec import Struct

from referral_hub.composing.origins import FIELD
from referral_hub.web.forms import Form

_OURS: Final = frozenset({"key", "act", "csrf", "open", "offer", FIELD})
_WHOM: Final = frozenset({"person", "need", "place"})


class Shown(Struct, frozen=True, kw_only=True):
    """The parts on the page: `matches` are all offers to choose from, `chosen` only those chosen."""

    step: int
    whom: bool = False
    matches: bool = False
    chosen: bool = False
    content: bool = False


class Carried(Struct, frozen=True):
    """The names of the fields carried along unseen."""

    whom: list[str]
    content: list[str]


def shown(form: Form, act: str) -> Shown:
    """After a problem what is wrong is shown; who comes from an offer chooses the person beside it, on one page."""
    if form.problems:
        return _wrong(form, act)
    ready = bool(form.value("need") and form.value("person"))
    if act == "who":
        return Shown(step=1, whom=True)
    if act == "match" and form.value("need"):
        return Shown(step=2, whom=not form.value("person"), matches=True)
    if form.value("offer"):
        return Shown(step=3 if ready else 1, whom=act != "content" or not ready, chosen=True, content=True)
    return Shown(step=2, matches=True) if ready and act != "open" else Shown(step=1, whom=True)


def _wrong(form: Form, act: str) -> Shown:
    """The parts with problems, and from them on to where the button was pressed."""
    fields = {problem.field for problem in form.problems}
    whom, offer = any(_is_whom(name) for name in fields), "offer" in fields
    content = act != "content"
    return Shown(
        step=1 if whom else 2 if offer else 3, whom=whom, matches=offer, chosen=not offer and content, content=content
    )


def _is_whom(name: str) -> bool:
    return name in _WHOM or name.startswith("p_")


def carried(form: Form) -> Carried:
    """Everything typed, by the part it belongs to."""
    whom = [name for name in form.names() if _is_whom(name)]
    content = [name for name in form.names() if name not in _OURS and name not in whom]
    return Carried(whom, content)

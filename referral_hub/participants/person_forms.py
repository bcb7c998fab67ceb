"""What was typed about a person, and the question whether it is somebody known already."""

from typing import Any, Final
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.errors import Problem, Refused
from referral_hub.participants.actions import Opened
from referral_hub.participants.free_text import cautions_about
from referral_hub.participants.person import LANGUAGES, SAFE_LENGTH, SEXES
from referral_hub.participants.place_names import name_of_gmina, where_is
from referral_hub.participants.queries import people_seen_by
from referral_hub.participants.safe_contact import CHANNELS, SafeContact
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form

OTHER: Final = "other"
FREE: Final = ("label", "contact", "safe_words", "safe_hours")


def read_person(form: Form, *, prefix: str = "") -> dict[str, Any]:
    """What was typed about a person; raises Refused with every problem that the form can see.

    Words that tell a diagnosis are asked about once, under `checked`.
    """
    place = form.text(f"{prefix}gmina", required=False, most=100)
    where = where_is(place)
    if place and where is None:
        form.add(f"{prefix}gmina", "place_not_known")
    fields: dict[str, Any] = {
        "label": form.text(f"{prefix}label", most=120),
        "sex": form.choice(f"{prefix}sex", SEXES, required=False) or "not_stated",
        "gmina": where.gmina if where else "",
        "groups": form.many(f"{prefix}groups", [word.code for word in book.words("audience")]),
        "needs": form.many(f"{prefix}needs", [word.code for word in book.words("need")]),
        "contact": form.text(f"{prefix}contact", required=False, most=254),
        "safe_contact": _read_safe(form, prefix),
        "language": form.choice(f"{prefix}language", LANGUAGES, required=False) or "pl",
    }
    if not form.problems and not form.flag(f"{prefix}checked"):
        words = " \n".join(form.value(prefix + name) for name in FREE)
        form.problems.extend(Problem(f"{prefix}checked", code) for code in cautions_about(words))
    form.check()
    return fields


def _read_safe(form: Form, prefix: str) -> SafeContact:
    return SafeContact(
        channel=form.choice(f"{prefix}safe_channel", CHANNELS, required=False) or "",
        hours=form.text(f"{prefix}safe_hours", required=False, most=SAFE_LENGTH),
        neutral_sender=form.flag(f"{prefix}safe_neutral"),
        words=form.text(f"{prefix}safe_words", required=False, most=254),
    )


def written(opened: Opened) -> dict[str, object]:
    """A person opened, as the form's fields show it."""
    return {
        "label": opened.label,
        "contact": opened.contact,
        "safe_channel": opened.safe_contact.channel,
        "safe_hours": opened.safe_contact.hours,
        "safe_neutral": opened.safe_contact.neutral_sender,
        "safe_words": opened.safe_contact.words,
        "sex": opened.sex,
        "gmina": opened.gmina,
        "groups": list(opened.groups),
        "needs": list(opened.needs),
        "language": opened.language,
    }


def person_choices(form: Form, language: str) -> dict[str, Any]:
    """What the fields of a person are chosen from."""
    return {
        "place": name_of_gmina(form.value("gmina")),
        "groups": book.terms("audience", language),
        "needs": book.terms("need", language),
    }


async def called_the_same(label: str, actor: Actor) -> list[tuple[str, str]]:
    """(id, case code) of people of the own institution with this very label; nothing is opened."""
    if not label.strip():
        return []
    found = await people_seen_by(actor, label=label, per_page=5)
    return [(str(row.id), row.case_code) for row in found.items]


async def settled_same(form: Form, label: str, actor: Actor, *, prefix: str = "") -> UUID | None:
    """Whom the writer says it is: somebody known, or None for a new person. Raises Refused `maybe_same_person`."""
    known = [one for one, _ in await called_the_same(label, actor)]
    chosen = form.value(f"{prefix}same")
    if not known or chosen == OTHER:
        return None
    if chosen in known:
        return UUID(chosen)
    raise Refused("invalid", [Problem(f"{prefix}same", "maybe_same_person")])


async def same_choices(form: Form, actor: Actor, *, prefix: str = "") -> list[tuple[str, str]]:
    """What to choose from, where the question has come up."""
    if form.problem(f"{prefix}same") is None and not form.value(f"{prefix}same"):
        return []
    return await called_the_same(form.value(f"{prefix}label"), actor)

"""The form of an institution's numbers and of its absence: from what stands to fields, and back with every problem."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.absences import MOST, NewAbsence, absence_problems
from referral_hub.institutions.actions import NewContact
from referral_hub.institutions.mailboxes import read_mailboxes
from referral_hub.institutions.phones import read_phones
from referral_hub.upkeep.own_facts import OwnContacts
from referral_hub.web.forms import Form

ABSENCE: Final = ("from_on", "until_on", "replacement", "replacement_phone", "replacement_email")
WHO: Final = ("all", "me")
NUMBERS: Final = 4
"""More numbers of one owner than a page shows are a slip of the finger."""


class Typed(Struct, frozen=True):
    """What a checked form says: numbers by owner, the numbers it showed, an absence where one was begun."""

    phones: dict[UUID | None, list[NewContact]]
    seen: dict[UUID | None, str]
    absence: NewAbsence | None


def own_facts_form(own: Sequence[OwnContacts]) -> Form:
    """The form as things stand."""
    return Form({one.field: one.typed for one in own} | {f"was-{one.field}": one.typed for one in own} | {"who": "all"})


def read_own_facts(form: Form, own: Sequence[OwnContacts], *, today: date, account: UUID | None) -> Typed:
    """What was typed; raises Refused("invalid") with every problem at once.

    `account`: whose own absence may be told (nobody's by a link). An absence is read where any of its fields is filled.
    """
    phones: dict[UUID | None, list[NewContact]] = {}
    seen: dict[UUID | None, str] = {}
    for one in own:
        typed = form.text(one.field, required=bool(one.phones), most=200)
        before = form.text(f"was-{one.field}", required=False, most=200)
        if typed and typed != before:
            phones[one.owner] = _numbers(form, one.field, typed)
            seen[one.owner] = before
    absence = _absence(form, account, today) if any(form.value(name).strip() for name in ABSENCE) else None
    if not phones and absence is None and not form.problems:
        form.add("", "nothing_changed")
    form.check()
    return Typed(phones, seen, absence)


def _numbers(form: Form, field: str, typed: str) -> list[NewContact]:
    found = read_phones(typed)
    if not found.found or found.leftovers or len(found.found) > NUMBERS:
        form.add(field, "phone_not_known")
    return [NewContact(kind=one.kind, value=one.number, extension=one.extension) for one in found.found]


def _absence(form: Form, account: UUID | None, today: date) -> NewAbsence | None:
    who = form.choice("who", WHO, required=False) if account is not None else "all"
    from_on, until_on = form.date("from_on"), form.date("until_on")
    facts = NewAbsence(
        from_on=from_on or until_on or today,
        until_on=until_on or from_on or today,
        replacement=form.text("replacement", required=False, most=MOST),
        phone=form.text("replacement_phone", required=False, most=40),
        email=form.text("replacement_email", required=False, most=254),
        account=account if who == "me" else None,
    )
    wrong = {problem.field for problem in form.problems}
    days_known = from_on is not None and until_on is not None
    for problem in absence_problems(facts, today):
        if problem.field not in wrong and (days_known or problem.field not in ("from_on", "until_on")):
            form.add(problem.field, problem.code, **problem.facts)
    return facts


def read_seen(form: Form) -> tuple[list[UUID], dict[UUID, int]]:
    """Which contacts and hours „wszystko się zgadza” was pressed for: ids, and sites with the version seen."""
    contacts = [found for text in form.values("contact")[:100] if (found := _id(text)) is not None]
    hours: dict[UUID, int] = {}
    for text in form.values("hours")[:100]:
        site, _, version = text.partition(":")
        found = _id(site)
        if found is not None and version.isascii() and version.isdigit() and len(version) < 10:
            hours[found] = int(version)
    return contacts, hours


def names_a_person(absence: NewAbsence | None) -> bool:
    """Whether a replacement's address on public pages looks like somebody's own: taken, with a word of caution."""
    if absence is None or absence.account is not None:
        return False
    return any(box.problem == "names_person" for box in read_mailboxes(absence.email))


def _id(text: str) -> UUID | None:
    return Form({"id": text}).id("id", required=False)

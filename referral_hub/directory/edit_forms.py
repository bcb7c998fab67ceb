"""What the forms of offers, sites and institutions share: where they started from, clashes, a word why."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from referral_hub.directory.better import Advice
from referral_hub.directory.contact_forms import names_a_person
from referral_hub.directory.entry_words import field_label, said
from referral_hub.directory.field_history import Piece, word_diff
from referral_hub.directory.saving import LONGEST_WHY, Editing, Saved, Started, read_started
from referral_hub.institutions.actions import NewContact
from referral_hub.web.formats import short_day
from referral_hub.web.forms import Form
from referral_hub.web.page import share
from referral_hub.web.wording import sentence_of, spoken


class Compared(Struct, frozen=True):
    """One field with two values in words, and the first turned into the second word by word.

    `present` is the approved value where it has moved since the change was typed, None where it has not.
    """

    name: str
    label: str
    before: str
    after: str
    pieces: list[Piece]
    present: str | None = None


def started_from(form: Form) -> Started:
    """What a sent form says it started from; raises nothing, a forged one counts as knowing nothing."""
    version = form.whole("version", required=False, most=10**9)
    return read_started(form.value("started"), version)


def choices(form: Form) -> dict[str, str]:
    """Mine or theirs, field by field, where a clash was shown."""
    return {name: form.value(f"keep-{name}") for name in form.values("clash")}


def word_why(form: Form) -> str:
    """The optional word why something is changed."""
    return form.text("why", required=False, most=LONGEST_WHY)


def compared(
    name: str,
    before: Any,
    after: Any,
    language: str,
    *,
    kind: str = "offer",
    sites: Mapping[str, str] | None = None,
) -> Compared:
    """Both values in words, with what is gone and what is new."""
    old = said(name, before, language, sites=sites, kind=kind)
    new = said(name, after, language, sites=sites, kind=kind)
    return Compared(name, field_label(name, language), old, new, word_diff(old, new))


def clashing(form: Form, saved: Saved, language: str, sites: Mapping[str, str] | None = None) -> list[Compared]:
    """The fields somebody has to choose in, theirs before mine; each is a problem of the form."""
    for name in saved.clashes:
        form.add(name, "clash")
    return [
        compared(name, clash.theirs, clash.mine, language, kind=saved.entry.kind, sites=sites)
        for name, clash in saved.clashes.items()
    ]


def after(saved: Saved, target: str, contacts: Sequence[NewContact] = ()) -> str:
    """Where a saved form goes: `target` with what there is to say (kept changes, waiting, a personal address)."""
    return with_word(target, saved.kept, waits=saved.waits, contacts=contacts)


def with_word(target: str, kept: Sequence[str] = (), *, waits: bool, contacts: Sequence[NewContact] = ()) -> str:
    """An address with what its page should say."""
    said_after = [f"kept={','.join(kept)}"] if kept else []
    said_after += ["waits=1"] if waits else []
    said_after += ["careful=address"] if names_a_person(contacts) else []
    base, mark, anchor = target.partition("#")
    joiner = "&" if "?" in base else "?"
    return base + (joiner + "&".join(said_after) if said_after else "") + mark + anchor


def advice_text(one: Advice) -> str:
    """What would help, in a sentence; days as people write them."""
    facts = {name: short_day(fact) if isinstance(fact, date) else fact for name, fact in one.facts.items()}
    return sentence_of(spoken(), "better", one.code, facts)


def waiting_fields(held: Editing) -> list[str]:
    """The names of the fields whose change waits."""
    changes = held.pending.changes if held.pending else {}
    return [field_label(name, spoken()) for name in changes]


share(advice_text=advice_text, waiting_fields=waiting_fields)


def kept_words(asked: str, language: str) -> list[str]:
    """Names of fields as an address carries them, in words; what is none is left out."""
    names = [name for name in asked[:400].split(",") if name]
    return [label for name in names if (label := field_label(name, language)) != name]

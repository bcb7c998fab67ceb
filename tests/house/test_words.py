"""Every code that people can meet has a sentence in every language; every template, mail and job has its carrier."""

import re

import pytest

from referral_hub.accounts.permissions import ROLES, Permission
from referral_hub.audit.events import Event
from referral_hub.mail.actions import template_folder
from referral_hub.referrals.conditions import code_of
from referral_hub.referrals.lifecycle import TABLE
from referral_hub.referrals.states import State, Verb
from referral_hub.web.wording import has
from tests.house.source import TEMPLATES, argument, calls, files, literals

SPOKEN = ("pl", "en")
TABLES = ("lifecycle.py", "states.py", "tables.py")
LATER: set[Event] = set()
CODE = re.compile(r"[a-z][a-z0-9_]+")


def error_codes() -> set[str]:
    """Every code that the product raises by name, or that a rule's condition lends its name to."""
    found = {argument(call, 0) for _, call in calls("Refused", "TooMany", "MoveRefused", "NotAllowed", "Stale")}
    found |= {argument(call, 1) for _, call in calls("Problem")}
    found |= {code_of(condition) for row in TABLE for condition in (*row.conditions, *row.checks)}
    return {code for code in found if code and CODE.fullmatch(code)}


@pytest.mark.parametrize("language", SPOKEN)
def test_every_error_code_has_a_sentence(language: str) -> None:
    assert len(error_codes()) > 30
    assert sorted(code for code in error_codes() if not has(language, f"error.{code}")) == []


@pytest.mark.parametrize("language", SPOKEN)
def test_every_coded_key_has_its_words(language: str) -> None:
    keys = [f"event.{event}" for event in Event] + [f"permission.{one}" for one in Permission]
    keys += [f"role.{role}" for role in ROLES]
    keys += [f"state.{state}" for state in State] + [f"verb.{verb}" for verb in Verb]
    assert [key for key in keys if not has(language, key)] == []


def test_every_event_is_recorded_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in files() if path.name != "events.py")
    of_moves = {row.event for row in TABLE}
    idle = [event for event in Event if f"Event.{event.name}" not in text and event.value not in of_moves]
    assert set(idle) == LATER


def test_every_template_compiles_and_is_used() -> None:
    from referral_hub.web.page import environment

    there = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    pages = {name for name in there if not name.startswith("email/")}
    for name in sorted(pages):
        environment().get_template(name)
    said = {text for path in files() for text in literals(path)}
    for name in there:
        said |= set(re.findall(r"""["']([\w/]+\.html)["']""", (TEMPLATES / name).read_text(encoding="utf-8")))
    said.add("macros/menu_words.html")  # never rendered: keeps words for the extraction
    assert sorted(name for name in pages if name not in said) == []
    named = {text for text in said if re.fullmatch(r"[\w]+/[\w/]+\.html", text)}
    assert sorted(named - there) == []


def test_every_mail_is_sent_and_has_its_words_in_every_language() -> None:
    there = {folder.name for folder in (template_folder() / "email").iterdir() if folder.is_dir()}
    wished = {argument(call, 1) for path, call in calls("queue") if path.parent.name != "mail"} - {None}
    assert sorted(wished - there) == []
    said = {text for path in files() for text in literals(path)}
    assert sorted(there - said) == []
    for name in there:
        for language in SPOKEN:
            folder = template_folder() / "email" / name / language
            assert (folder / "subject.txt").is_file(), folder
            assert (folder / "text.txt").is_file(), folder


def test_every_job_is_wished_for_and_registered() -> None:
    from referral_hub.worker import registry, schedule

    wished = {argument(call, 0) for _, call in calls("enqueue", "wish")} - {None}
    assert wished | set(schedule()) == set(registry())


def test_every_effect_of_a_move_has_a_carrier() -> None:
    """What the table says about places, access and clocks is done by a branch that names it."""
    effects = {effect for row in TABLE for effect in (row.places, row.access, row.clock)}
    # Nothing to do, and (for STOP) what the last line does for whatever no branch names.
    quiet = {"Places.NONE", "Places.KEEP", "Access.SAME", "Clock.KEEP", "Clock.STOP"}
    carriers = [path for path in files() if path.parent.name == "referrals" and path.name not in TABLES]
    text = "".join(path.read_text(encoding="utf-8") for path in carriers)
    names = {f"{type(effect).__name__}.{effect.name}" for effect in effects}
    assert sorted(name for name in names - quiet if name not in text) == []

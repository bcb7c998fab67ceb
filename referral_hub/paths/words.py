"""A step in words: for staff by its form or need, for the person in plain words that name no place."""

from datetime import date

from msgspec import Struct

from referral_hub.paths.queries import Carrier, Path, Step
from referral_hub.vocabularies import book

LATER = ("accepted", "scheduled", "in_progress", "on_hold")


class PrintedStep(Struct, frozen=True):
    """A step on the person's paper; `place` only where being seen with it says nothing that is protected."""

    title: str
    words: str
    shows: str
    target_on: date | None
    appointment_at: str
    place: str


def step_title(step: Step, language: str) -> str:
    """What a step is about, '' where only its own words say it."""
    if step.form:
        return book.label("form", step.form, language)
    return book.label("need", step.need, language) if step.need else ""


def printed_steps(path: Path, language: str) -> list[PrintedStep]:
    """The steps that are not dropped, as the person reads them; a step that needs another way is simply ahead."""
    found = []
    for step in path.steps:
        if step.shows == "dropped":
            continue
        going = step.task if step.task is not None and step.task.state in LATER else None
        found.append(
            PrintedStep(
                title=step_title(step, language),
                words=step.words,
                shows="planned" if step.shows == "again" else step.shows,
                target_on=step.target_on,
                appointment_at=going.appointment_at if going else "",
                place=_place(going) if going else "",
            )
        )
    return found


def _place(task: Carrier) -> str:
    """The institution's name: the person knows it, but a paper lies about."""
    hidden = task.sensitive or book.is_sensitive("kind", task.receiver_kind) or book.is_sensitive("form", task.form)
    return "" if hidden else task.receiver_name

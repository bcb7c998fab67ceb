"""Where the database says "this institution": found in the tables' own metadata, so that no new table is forgotten.

Every foreign key to an institution or a site is found, and every plain UUID column that is not known to mean
something else. What is found moves in a merge unless it is named in STAYS or BY_HAND, with the reason.
"""

from typing import Final

from referral_hub.database.references import Place as Place
from referral_hub.database.references import key_columns

STAYS: Final[dict[str, str]] = {
    "institution_code.institution": "a code belongs to whoever was told it; the survivor keeps its own",
    "account_offer.institution": "the survivor is offered an account by its own answers",
    "audit_event.institution": "the trail is evidence of who acted then, sealed in a chain",
    "audit_event.subject": "the trail is evidence of what was acted upon then, sealed in a chain",
    "disclosure.institution": "append-only evidence of who saw a person's data; follows the participant",
    "task_event.institution": "append-only history of a referral; follows the referral",
    "field_source.subject": "the history of the merged entry's own fields: the survivor's page leads to it",
    "field_confirmation.subject": "confirms the value that the merged entry had",
    "institution_merge.kept": "a merge is told as it happened",
    "institution_merge.merged": "a merge is told as it happened",
}
BY_HAND: Final[dict[str, str]] = {
    "institution.parent": "an institution must not become its own parent",
    "institution_identifier.institution": "a number both have stays where it is",
    "contact.institution": "a contact both have stays where it is",
    "call_task.institution": "one open call for each institution",
    "pending_edit.subject": "one waiting change for each entry",
    "duplicate_verdict.first": "the smaller id stands first",
    "duplicate_verdict.second": "the smaller id stands first",
}

# Plain UUID columns that never hold an institution's or a site's id.
ACCOUNTS: Final = frozenset(
    {
        "account",
        "by",
        "keeper",
        "made_by",
        "recorded_by",
        "decided_by",
        "done_by",
        "marked_by",
        "void_asked_by",
        "updated_by",
        "settled_by",
    }
)
OTHERS: Final = frozenset({"batch", "offer", "place", "reading", "series", "voids", "task", "basis", "link"})


def institution_places() -> tuple[Place, ...]:
    """Every column that holds or may hold an institution's id."""
    return tuple(place for place in key_columns() if place.to == "institution" or _may_be_one(place))


def site_places() -> tuple[Place, ...]:
    """Every foreign key to a site."""
    return tuple(place for place in key_columns() if place.to == "site")


def moving() -> tuple[Place, ...]:
    """The columns that a merge sets anew without further thought."""
    return tuple(place for place in institution_places() if place.name not in STAYS and place.name not in BY_HAND)


def _may_be_one(place: Place) -> bool:
    return not place.to and place.column not in ACCOUNTS | OTHERS

"""Every column that says something about a person: why it is kept, on what ground, for how long. Pure data.

A test holds this against the tables: a column of a table named here is either registered or said to be harmless.
"""

from typing import Final, Literal

from msgspec import Struct

Kept = Literal["session", "year", "case", "archive", "account", "trail"]

KEPT: Final[dict[Kept, str]] = {
    "session": "Until the session or link ends",
    "year": "One year",
    "case": "While the case is open, then five years",
    "archive": "Five years after the end of taking part in the club",
    "account": "While the account is in use, then one year",
    "trail": "Six years, as evidence of who did what",
}
"""Kept for how long; the texts are msgids."""


class Personal(Struct, frozen=True):
    """One personal column. `special`: what articles 9 and 10 GDPR protect; `sealed`: encrypted in the database."""

    table: str
    column: str
    why: str
    kept: Kept
    sealed: bool = False
    special: bool = False


def _all(
    table: str, why: str, kept: Kept, columns: str, *, sealed: bool = False, special: bool = False
) -> list[Personal]:
    return [Personal(table, column, why, kept, sealed, special) for column in columns.split()]


PERSONAL: Final[tuple[Personal, ...]] = (
    *_all("participant", "To know whom we help and to recognise the same person", "case", "case_code"),
    *_all("participant", "To know whom we help and to recognise the same person", "case", "label_sealed", sealed=True),
    *_all("participant", "To know whom we help and to recognise the same person", "case", "label_index"),
    *_all("participant", "The yearly report counts people by sex", "case", "sex"),
    *_all("participant", "To find help near the person", "case", "gmina language"),
    *_all("participant", "To reach the person safely", "case", "contact_sealed safe_contact_sealed", sealed=True),
    *_all(
        "participant",
        "The yearly report counts the groups of article 1(2)",
        "case",
        "groups_sealed",
        sealed=True,
        special=True,
    ),
    *_all("participant", "To find the right help", "case", "needs", special=True),
    *_all(
        "legal_basis",
        "To show on what ground data was passed on",
        "case",
        "participant kind ground article_9_10",
        special=True,
    ),
    *_all(
        "legal_basis",
        "To show on what ground data was passed on",
        "case",
        "receiver purpose fields given_how until withdrawn_at",
    ),
    *_all(
        "disclosure",
        "The person may ask who saw what",
        "trail",
        "participant kind account institution fields task basis",
    ),
    *_all(
        "participation",
        "The yearly report counts taking part",
        "archive",
        "participant contract_number contract_on started_on ended_on end_reason certificate_number certificate_on",
    ),
    *_all("participation_effect", "The yearly report counts outcomes", "archive", "effect reached_on source"),
    *_all("support_path", "To plan the way together with the person", "case", "participant contract_kind"),
    *_all(
        "support_path",
        "To plan the way together with the person",
        "case",
        "contract_number contract_on review_on reviewed_on result",
    ),
    *_all("support_path", "To plan the way together with the person", "case", "goal_sealed", sealed=True, special=True),
    *_all("support_step", "To plan the way together with the person", "case", "form need", special=True),
    *_all(
        "support_step", "To plan the way together with the person", "case", "words_sealed", sealed=True, special=True
    ),
    *_all("support_step", "To plan the way together with the person", "case", "target_on task state done_on"),
    *_all(
        "participation",
        "The yearly report counts the groups of article 1(2)",
        "archive",
        "main_group refused_group",
        special=True,
    ),
    *_all(
        "referral_request",
        "To refer the person and follow it up",
        "case",
        "participant case_code priority document applied_on applicant_document opinion opinion_on opinion_document "
        "issued_on issue_document",
    ),
    *_all("referral_request", "To refer the person and follow it up", "case", "need", special=True),
    *_all("referral_task", "To refer the person and follow it up", "case", "participant receiver offer", special=True),
    *_all("referral_task", "To refer the person and follow it up", "case", "note_sealed", sealed=True, special=True),
    *_all(
        "referral_task",
        "To refer the person and follow it up",
        "case",
        "appointment_at appointment_place reason position",
    ),
    *_all(
        "referral_task", "The yearly report counts outcomes", "case", "outcome outcome_on outcome_hours outcome_source"
    ),
    *_all("referral_task", "To refer the person and follow it up", "case", "override_reason"),
    *_all("task_note", "To remember how the case stands, for one's own colleagues", "case", "account"),
    *_all(
        "task_note",
        "To remember how the case stands, for one's own colleagues",
        "case",
        "words_sealed",
        sealed=True,
        special=True,
    ),
    *_all("discrepancy", "To settle what both ends of a referral tell differently", "case", "kind verdict"),
    *_all(
        "discrepancy",
        "To settle what both ends of a referral tell differently",
        "case",
        "words_sealed",
        sealed=True,
        special=True,
    ),
    *_all("task_event", "To show how the referral went", "case", "facts"),
    *_all("task_event", "To show how the referral went", "case", "words_sealed", sealed=True, special=True),
    *_all(
        "participant_feedback",
        "To hear from the person whether help came",
        "case",
        "got_help treated_well share_with_sender by_sender",
    ),
    *_all("participant_feedback", "To hear from the person whether help came", "case", "words_sealed", sealed=True),
    *_all(
        "enrolment",
        "To keep a place at meetings and to know who was there",
        "case",
        "task meeting term state attendance hours",
        special=True,
    ),
    *_all("account", "To sign in and to know who acted", "account", "email name password language last_seen_at"),
    *_all("account", "To stop guessing of passwords", "session", "failed_attempts locked_until"),
    *_all("session", "To sign in and to know who acted", "session", "account"),
    *_all("link", "To reach an institution by mail", "session", "address"),
    *_all("claim", "To let in only who reads the institution’s mail", "account", "email mailed_to account"),
    *_all("favourite", "To find offers used often again", "account", "account offer"),
    *_all(
        "absence", "To send the mail of somebody who is away to a colleague", "year", "account email from_on until_on"
    ),
    *_all("suggestion", "To know who of the network said so", "year", "account note"),
    *_all("staff_note", "To remember how a partner works, for one's own colleagues", "account", "account text"),
    *_all("mail_sent", "To know what was mailed to an institution", "year", "address"),
    *_all("audit_event", "Evidence of who did what", "trail", "account institution subject"),
)

# Columns of the same tables that say nothing about a person: keys of rows, counters, states of the work.
HARMLESS: Final[dict[str, frozenset[str]]] = {
    "participant": frozenset(
        ["id", "institution", "keeper", "made_at", "last_used_at", "closed_at", "closed_why", "merged_into"]
    ),
    "legal_basis": frozenset(["id", "made_at"]),
    "disclosure": frozenset(["id", "at", "role", "purpose"]),
    "participation": frozenset(["id", "institution", "task", "keeper", "version"]),
    "participation_effect": frozenset(["id", "participation", "made_at", "made_by", "voided_at"]),
    "support_path": frozenset(["id", "institution", "keeper", "version", "made_at", "closed_at"]),
    "support_step": frozenset(["id", "path", "position"]),
    "task_note": frozenset(["id", "task", "institution", "at", "removed_at"]),
    "discrepancy": frozenset(["id", "task", "opened_at", "settled_at", "settled_by"]),
    "enrolment": frozenset(["id", "made_at", "made_by", "marked_at", "marked_by", "told"]),
    "referral_request": frozenset(
        [
            "id",
            "sender",
            "applicant",
            "opinion_giver",
            "issuer",
            "state",
            "keeper",
            "made_at",
            "together",
            "others_kept_at",
            "batch",
        ]
    ),
    "referral_task": frozenset(
        [
            "id",
            "number",
            "request",
            "sender",
            "replaces",
            "basis",
            "no_data",
            "state",
            "before_cancel",
            "version",
            "access",
            "sharing_ended",
            "keeper",
            "made_at",
            "sent_at",
            "seen_at",
            "first_answer_at",
            "ended_at",
            "outcome_seen_at",
            "clock",
            "due_on",
            "escalate_on",
            "expire_on",
            "review_on",
            "escalated_at",
            "reminded_at",
            "void_asked_by",
            "days_left",
            "held_back",
            "internal",
            "waiting_since",
        ]
    ),
    "task_event": frozenset(
        ["id", "task", "at", "verb", "before", "after", "party", "channel", "account", "institution", "version"]
    ),
    "participant_feedback": frozenset(["id", "task", "at"]),
    "account": frozenset(["id", "institution", "active", "made_at"]),
    "session": frozenset(["token", "role", "csrf", "made_at", "seen_at", "ends_at"]),
    "link": frozenset(
        [
            *("id", "token", "kind", "institution", "subject", "code", "made_at", "ends_at", "used_at", "revoked_at"),
            *("spoken_code", "wrong_codes", "wrong_at"),
        ]
    ),
    "claim": frozenset(["id", "institution", "code", "wrong", "made_at", "ends_at", "used_at"]),
    "favourite": frozenset(["id", "made_at"]),
    "absence": frozenset(["id", "institution", "replacement", "phone", "made_at", "made_by", "ended_at"]),
    "suggestion": frozenset(
        [
            *("id", "institution", "subject_kind", "subject", "field", "present", "suggested", "origin", "made_at"),
            *("state", "word", "asked_at", "decided_at", "decided_by"),
        ]
    ),
    "staff_note": frozenset(["id", "owner", "institution", "offer", "made_at", "removed_at"]),
    "mail_sent": frozenset(["id", "institution", "template", "subject_id", "sent_at", "error"]),
    "audit_event": frozenset(["id", "at", "event", "kind", "role", "subject_kind", "facts", "position", "chain"]),
}

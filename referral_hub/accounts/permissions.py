"""What a kind of person may do, `resource:action`, and which role may do it, as the first start writes it down."""

from enum import StrEnum


class Permission(StrEnum):
    """Every permission a route can ask for. The tables `role` and `role_permission` say who holds it."""

    DIRECTORY_STAFF = "directory:staff"
    DIRECTORY_MODERATE = "directory:moderate"
    OFFER_EDIT = "offer:edit"
    READING_REPORT = "reading:report"
    INSTITUTION_EDIT = "institution:edit"
    AGREEMENT_EDIT = "agreement:edit"
    PERSON_READ = "person:read"
    PERSON_EDIT = "person:edit"
    PERSON_HAND_OVER = "person:hand_over"
    PARTICIPATION_READ = "participation:read"
    PARTICIPATION_EDIT = "participation:edit"
    REFERRAL_READ = "referral:read"
    REFERRAL_SEND = "referral:send"
    REFERRAL_ANSWER = "referral:answer"
    DISCREPANCY_SETTLE = "discrepancy:settle"
    COOPERATION_READ = "cooperation:read"
    REPORT_READ = "report:read"
    ACCOUNT_READ = "account:read"
    ACCOUNT_EDIT = "account:edit"
    VOCABULARY_EDIT = "vocabulary:edit"
    PROFILE_EDIT = "profile:edit"
    SETTINGS_EDIT = "settings:edit"
    AUDIT_READ = "audit:read"
    PRIVACY_READ = "privacy:read"
    NOTE_KEEP = "note:keep"
    ENQUIRY_ASK = "enquiry:ask"
    BOOKING_ASK = "booking:ask"
    MEETING_ENROL = "meeting:enrol"
    ATTENDANCE_MARK = "attendance:mark"
    COLLEAGUE_EDIT = "colleague:edit"
    FAVOURITE_KEEP = "favourite:keep"
    SESSION_OWN = "session:own"


_P = Permission

ROLES: dict[str, frozenset[Permission]] = {
    "caseworker": frozenset(
        {
            _P.DIRECTORY_STAFF,
            _P.PERSON_READ,
            _P.PERSON_EDIT,
            _P.PERSON_HAND_OVER,
            _P.PARTICIPATION_READ,
            _P.PARTICIPATION_EDIT,
            _P.REFERRAL_READ,
            _P.REFERRAL_SEND,
            _P.DISCREPANCY_SETTLE,
            _P.READING_REPORT,
            _P.NOTE_KEEP,
            _P.ENQUIRY_ASK,
            _P.BOOKING_ASK,
            _P.MEETING_ENROL,
            _P.FAVOURITE_KEEP,
            _P.SESSION_OWN,
        }
    ),
    "coordinator": frozenset(
        {
            _P.DIRECTORY_STAFF,
            _P.DIRECTORY_MODERATE,
            _P.INSTITUTION_EDIT,
            _P.AGREEMENT_EDIT,
            _P.READING_REPORT,
            _P.PERSON_HAND_OVER,
            _P.PARTICIPATION_READ,
            _P.REFERRAL_READ,
            _P.DISCREPANCY_SETTLE,
            _P.COOPERATION_READ,
            _P.REPORT_READ,
            _P.ACCOUNT_READ,
            _P.VOCABULARY_EDIT,
            _P.SETTINGS_EDIT,
            _P.PROFILE_EDIT,
            _P.NOTE_KEEP,
            _P.ENQUIRY_ASK,
            _P.BOOKING_ASK,
            _P.FAVOURITE_KEEP,
            _P.SESSION_OWN,
        }
    ),
    "partner_intake": frozenset(
        {_P.REFERRAL_READ, _P.REFERRAL_ANSWER, _P.MEETING_ENROL, _P.ATTENDANCE_MARK, _P.SESSION_OWN}
    ),
    "partner_editor": frozenset({_P.OFFER_EDIT, _P.READING_REPORT, _P.BOOKING_ASK, _P.COLLEAGUE_EDIT, _P.SESSION_OWN}),
    "dpo": frozenset({_P.AUDIT_READ, _P.PRIVACY_READ, _P.SESSION_OWN}),
    "admin": frozenset({_P.ACCOUNT_READ, _P.ACCOUNT_EDIT, _P.SETTINGS_EDIT, _P.VOCABULARY_EDIT, _P.SESSION_OWN}),
}
"""In the order in which a role is chosen to act when several could."""

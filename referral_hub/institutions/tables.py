"""Who is in the network: identity, contacts, identifiers, where each value came from, agreements."""

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Institution(Table, tablename="institution"):
    """A partner, or an own unit. `club` marks the KIS whose hub this is; `version` guards edits.

    `reached_by`: how it wants to be asked for its places (email, sms, phone). `edits_wait`: what its own editors change
    in public texts waits for the coordinator, and the approved version stays public meanwhile.
    """

    id = UUID(primary_key=True, default=None)
    kind = Varchar(length=60, default=None, null=False, index=True)
    name = Text(default=None, null=False)
    sort_key = Text(default="")
    short_name = Text(default="")
    description = Text(default="")
    parent: "ForeignKey[Institution]" = ForeignKey("self", null=True, default=None, on_delete=OnDelete.restrict)
    terc = Varchar(length=6, default="", index=True)
    language = Varchar(length=2, default="pl")
    club = Boolean(default=False)
    example = Boolean(default=False)
    status = Varchar(length=12, default="published")
    reached_by = Varchar(length=6, default="email")
    edits_wait = Boolean(default=False)
    merged_into: "ForeignKey[Institution]" = ForeignKey("self", null=True, default=None, on_delete=OnDelete.restrict)
    version = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    updated_at = Timestamptz(default=None, null=False)

    known_status = Check("status in ('draft', 'published', 'archived', 'merged')")
    known_reach = Check("reached_by in ('email', 'sms', 'phone')")


class Identifier(Table, tablename="institution_identifier"):
    """nip, regon, krs, terc, rspo, rjps, rpwdl, kraz, epuap, edoreczenia."""

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    scheme = Varchar(length=20, default=None, null=False)
    value = Varchar(length=120, default=None, null=False)
    source = Text(default="")

    one_value = Unique(["institution", "scheme", "value"])


class Contact(Table, tablename="contact"):
    """A typed business contact of an institution, of one of its sites or offers (`belongs_to`).

    `confirmed_on`: the last day somebody knew it right, `confirmed_how` from whom (call, partner, answer, import).
    `doubted_at`: nobody answered there; `failing_since`: our mail comes back from it. Both end with a confirmation.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    belongs_to = UUID(default=None, null=True, index=True)
    kind = Varchar(length=12, default=None, null=False)
    value = Varchar(length=254, default=None, null=False)
    extension = Varchar(length=20, default="")
    label = Text(default="")
    position = Integer(default=0)
    visibility = Varchar(length=10, default="public")
    confirmed_on = Date(default=None, null=True)
    confirmed_how = Varchar(length=10, default="")
    doubted_at = Timestamptz(default=None, null=True)
    failing_since = Timestamptz(default=None, null=True)
    source = Text(default="")

    known_kind = Check("kind in ('phone', 'mobile', 'fax', 'helpline', 'email', 'www', 'epuap', 'edoreczenia')")
    known_visibility = Check("visibility in ('public', 'staff')")


class SourceRecord(Table, tablename="source_record"):
    """What one source said last time about one of its rows: the measure of `updated` and of provenance."""

    id = UUID(primary_key=True, default=None)
    source = Varchar(length=80, default=None, null=False)
    source_id = Varchar(length=160, default=None, null=False)
    kind = Varchar(length=40, default=None, null=False)
    institution = ForeignKey(Institution, null=True, default=None, on_delete=OnDelete.restrict)
    content_hash = Bytea(default=None, null=False)
    said = JSONB(default="{}")
    made = JSONB(default="{}")
    text = Text(default="")
    first_at = Timestamptz(default=None, null=False)
    last_at = Timestamptz(default=None, null=False)
    as_at = Date(default=None, null=True)

    one_row = Unique(["source", "source_id"])


class FieldSource(Table, tablename="field_source"):
    """Provenance and history per field: each value a source or person gave, newest first is in force."""

    id = UUID(primary_key=True, default=None)
    subject_kind = Varchar(length=20, default=None, null=False)
    subject = UUID(default=None, null=False, index=True)
    field = Varchar(length=40, default=None, null=False)
    before = JSONB(default="null")
    value = JSONB(default="null")
    source = Text(default=None, null=False)
    why = Text(default="")
    account = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)


class FieldConfirmation(Table, tablename="field_confirmation"):
    """Append-only: on which day somebody knew a field's value to be right, without changing it.

    `how`: partner (its editor or link), call (heard on the phone), coordinator, import (the day of the register).
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    subject_kind = Varchar(length=20, default=None, null=False)
    subject = UUID(default=None, null=False)
    field = Varchar(length=40, default=None, null=False)
    confirmed_on = Date(default=None, null=False)
    how = Varchar(length=12, default=None, null=False)
    account = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)

    known_how = Check("how in ('partner', 'call', 'coordinator', 'import')")


class SourceRank(Table, tablename="source_rank"):
    """Which source wins by default where several speak of one field: the lower `position` is believed first.

    `field` '' is the usual order; `source` is partner, coordinator, caseworker, or the kind of a register.
    """

    id = UUID(primary_key=True, default=None)
    field = Varchar(length=40, default="")
    source = Varchar(length=80, default=None, null=False)
    position = Integer(default=0)

    one_rank = Unique(["field", "source"])


class DataAgreement(Table, tablename="data_agreement"):
    """The agreement or other basis without which an account of an institution may not pass personal data.

    `warned_on`: the day its end was mailed to the coordinators, once.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    kind = Varchar(length=20, default=None, null=False)
    reference = Text(default="")
    signed_on = Date(default=None, null=False)
    valid_until = Date(default=None, null=True)
    recorded_by = UUID(default=None, null=True)
    warned_on = Date(default=None, null=True)

    known_kind = Check("kind in ('agreement', 'statute', 'internal')")

"""The person referred, as little as possible; on what basis; and who saw what."""

from piccolo.columns import (
    UUID,
    Array,
    Bytea,
    Date,
    ForeignKey,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table

from referral_hub.institutions.tables import Institution


class Participant(Table, tablename="participant"):
    """A person known to one institution. Columns ending in `_sealed` are AES-GCM, opened row by row and logged.

    `label_index` finds a duplicate inside the institution without opening anything. `merged_into`: entered twice; the
    other entry goes on.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    case_code = Varchar(length=20, default=None, null=False, unique=True)
    label_sealed = Bytea(default=None, null=False)
    label_index = Bytea(default=None, null=False)
    sex = Varchar(length=12, default="not_stated")
    gmina = Varchar(length=6, default="")
    contact_sealed = Bytea(default=None, null=True)
    safe_contact_sealed = Bytea(default=None, null=True)
    groups_sealed = Bytea(default=None, null=True)
    needs = Array(base_column=Text(), default=list)
    language = Varchar(length=2, default="pl")
    keeper = UUID(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    last_used_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)
    closed_why = Varchar(length=40, default="")
    merged_into: "ForeignKey[Participant]" = ForeignKey("self", null=True, default=None, on_delete=OnDelete.restrict)

    known_sex = Check("sex in ('K', 'M', 'not_stated')")


class Basis(Table, tablename="legal_basis"):
    """On what ground this person's data may go to this receiver for this task, which fields, until when."""

    id = UUID(primary_key=True, default=None)
    participant = ForeignKey(Participant, null=False, default=None, on_delete=OnDelete.restrict)
    receiver = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    kind = Varchar(length=20, default=None, null=False)
    ground = Text(default="")
    article_9_10 = Text(default="")
    purpose = Text(default="")
    fields = Array(base_column=Text(), default=list)
    given_how = Varchar(length=20, default="")
    made_at = Timestamptz(default=None, null=False)
    until = Date(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)

    known_kind = Check("kind in ('statute', 'consent', 'vital_interest', 'no_data', 'internal')")


class Disclosure(Table, tablename="disclosure"):
    """One line per reading of a person by anyone, and per passing on: who, what, when, on which basis."""

    id = UUID(primary_key=True, default=None)
    participant = ForeignKey(Participant, null=False, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    account = UUID(default=None, null=True)
    institution = UUID(default=None, null=True)
    role = Varchar(length=30, default="")
    fields = Array(base_column=Text(), default=list)
    task = UUID(default=None, null=True)
    basis = UUID(default=None, null=True)
    purpose = Text(default="")

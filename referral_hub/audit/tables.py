"""The audit trail: one row per act, without personal data; sealed afterwards into a hash chain by a job."""

from piccolo.columns import JSONB, UUID, BigInt, Bytea, Timestamptz, Varchar
from piccolo.table import Table


class AuditEvent(Table, tablename="audit_event"):
    """Append-only. `chain` is set once by the sealing job: sha-256 of the chain before and this row."""

    id = UUID(primary_key=True, default=None)
    at = Timestamptz(default=None, null=False, index=True)
    event = Varchar(length=60, default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    account = UUID(default=None, null=True)
    institution = UUID(default=None, null=True)
    role = Varchar(length=30, default="")
    subject_kind = Varchar(length=30, default="")
    subject = UUID(default=None, null=True, index=True)
    facts = JSONB(default="{}")
    position = BigInt(default=None, null=True, unique=True)
    chain = Bytea(default=None, null=True)


class IdempotentAnswer(Table, tablename="idempotent_answer"):
    """What a write with an Idempotency-Key answered, so that a repeat hears the same."""

    id = UUID(primary_key=True, default=None)
    owner = Varchar(length=80, default=None, null=False)
    key_hash = Bytea(default=None, null=False, unique=True)
    body_hash = Bytea(default=None, null=False)
    status = BigInt(default=None, null=True)
    answer = Bytea(default=None, null=True)
    made_at = Timestamptz(default=None, null=False, index=True)

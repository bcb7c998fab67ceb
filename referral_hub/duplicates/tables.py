"""Two entries that may be one institution: what was decided, and what a merge moved."""

from piccolo.columns import JSONB, UUID, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from referral_hub.institutions.tables import Institution


class Verdict(Table, tablename="duplicate_verdict"):
    """The coordinator's word about a pair, the smaller id first. `evidence`: what spoke for one institution then."""

    id = UUID(primary_key=True, default=None)
    first = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    second = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    verdict = Varchar(length=10, default=None, null=False)
    evidence = Text(default="")
    why = Text(default="")
    by = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)

    one_word = Unique(["first", "second"])
    known_verdict = Check("verdict in ('different', 'merged')")


class Merge(Table, tablename="institution_merge"):
    """One institution became part of another: which rows moved, by table, so that nothing is ever a riddle."""

    id = UUID(primary_key=True, default=None)
    kept = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    merged = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    moved = JSONB(default="{}")
    why = Text(default="")
    by = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)

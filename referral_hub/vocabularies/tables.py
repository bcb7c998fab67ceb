"""Code lists as data: dated, with hierarchy and labels in three languages."""

from piccolo.columns import JSONB, UUID, Array, Date, Integer, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Term(Table, tablename="vocabulary_term"):
    """One code of one vocabulary (`kind`, `form`, `audience`, `need`, `outcome`, `reason` …).

    `short` holds abbreviations; `edited_at` is set by an edit here, and a new release then leaves the row alone.
    """

    id = UUID(primary_key=True, default=None)
    vocabulary = Varchar(length=40, default=None, null=False)
    code = Varchar(length=60, default=None, null=False)
    parent = Varchar(length=60, default="")
    position = Integer(default=0)
    label_pl = Text(default=None, null=False)
    label_en = Text(default="")
    label_uk = Text(default="")
    short = Text(default="")
    synonyms = Array(base_column=Text(), default=list)
    extra = JSONB(default="{}")
    origin = Varchar(length=10, default="")
    source = Text(default="")
    valid_from = Date(default=None, null=True)
    valid_to = Date(default=None, null=True)
    edited_at = Timestamptz(default=None, null=True)

    one_code = Unique(["vocabulary", "code"])
    in_order = Check("valid_to is null or valid_from is null or valid_from <= valid_to")


class ClubProfile(Table, tablename="club_profile"):
    """The own KIS in its own words: operating body, register entry, goals, people, resources."""

    id = UUID(primary_key=True, default=None)
    key = Varchar(length=60, default=None, null=False, unique=True)
    value = JSONB(default="{}")

"""Accounts and rights: roles as three tables, sessions and links kept as digests only."""

from piccolo.columns import (
    UUID,
    Array,
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

from referral_hub.institutions.tables import Institution


class Account(Table, tablename="account"):
    """A person who signs in for one institution. `password` is an argon2 hash, empty until set by link."""

    id = UUID(primary_key=True, default=None)
    email = Varchar(length=254, default=None, null=False, unique=True)
    name = Text(default="")
    password = Text(default="", secret=True)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    language = Varchar(length=2, default="pl")
    active = Boolean(default=True)
    failed_attempts = Integer(default=0)
    locked_until = Timestamptz(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    last_seen_at = Timestamptz(default=None, null=True)

    email_is_folded = Check("email = lower(email)")


class Role(Table, tablename="role"):
    """A role by its code; its name is in the catalogue (`role.<code>`)."""

    code = Varchar(length=30, primary_key=True, default=None)
    position = Integer(default=0)


class RolePermission(Table, tablename="role_permission"):
    """What a role may do: `permission` is a value of `Permission`."""

    id = UUID(primary_key=True, default=None)
    role = ForeignKey(Role, null=False, default=None, on_delete=OnDelete.restrict)
    permission = Varchar(length=60, default=None, null=False)

    one_permission = Unique(["role", "permission"])


class AccountRole(Table, tablename="account_role"):
    """Which roles an account holds."""

    id = UUID(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    role = ForeignKey(Role, null=False, default=None, on_delete=OnDelete.restrict)

    one_role = Unique(["account", "role"])


class Session(Table, tablename="session"):
    """A signed-in browser: the cookie's SHA-256, and the role that acts when several could."""

    token = Bytea(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    role = Varchar(length=30, default="")
    csrf = Varchar(length=64, default=None, null=False)
    made_at = Timestamptz(default=None, null=False)
    seen_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False, index=True)


class ApiKey(Table, tablename="api_key"):
    """A Bearer key of an institution, limited to scopes (permissions)."""

    id = UUID(primary_key=True, default=None)
    token = Bytea(default=None, null=False, unique=True)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    role = Varchar(length=30, default=None, null=False)
    scopes = Array(base_column=Text(), default=list)
    made_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)


class Link(Table, tablename="link"):
    """A link from mail: `c` capacity of an institution, `a` answer to one task, `p` a participant, `s` set a password.

    `used_at` is set by the act that used it up, never by a visit. `spoken_code`: digest of the code that is told by
    phone before a name is shown; `wrong_codes` counts the guesses, `wrong_at` is the last of them.
    """

    id = UUID(primary_key=True, default=None)
    token = Bytea(default=None, null=False, unique=True)
    kind = Varchar(length=1, default=None, null=False)
    institution = ForeignKey(Institution, null=True, default=None, on_delete=OnDelete.restrict)
    subject = UUID(default=None, null=True, index=True)
    address = Varchar(length=254, default="")
    code = Varchar(length=12, default="", index=True)
    made_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)
    spoken_code = Bytea(default=None, null=True)
    wrong_codes = Integer(default=0)
    wrong_at = Timestamptz(default=None, null=True)

    known_kind = Check("kind in ('c', 'e', 'a', 'p', 's')")


class Claim(Table, tablename="claim"):
    """Somebody says an institution is theirs: a code went to the register's address, `code` is its digest.

    `email` is the address of the account that a right code makes. Five wrong codes end the claim.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    email = Varchar(length=254, default=None, null=False)
    mailed_to = Varchar(length=254, default=None, null=False)
    code = Bytea(default=None, null=False)
    wrong = Integer(default=0)
    made_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)


class Absence(Table, tablename="absence"):
    """An institution, or one of its editors, is away from one day to another; who is asked meanwhile.

    `replacement` is a function („sekretariat”, „dyżurny pracownik”), never a name; with its phone or address.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    from_on = Date(default=None, null=False)
    until_on = Date(default=None, null=False)
    replacement = Text(default="")
    phone = Varchar(length=20, default="")
    email = Varchar(length=254, default="")
    made_at = Timestamptz(default=None, null=False)
    made_by = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)

    in_order = Check("from_on <= until_on")


class InstitutionCode(Table, tablename="institution_code"):
    """A code that an institution knows by itself, to open guest links with: its digest."""

    institution = ForeignKey(Institution, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    code = Bytea(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)
    made_by = UUID(default=None, null=True)


class AccountOffer(Table, tablename="account_offer"):
    """An institution that answers as a guest was offered an account: once by mail, and never again after „nie”."""

    institution = ForeignKey(Institution, primary_key=True, default=None, null=False, on_delete=OnDelete.restrict)
    mailed_at = Timestamptz(default=None, null=True)
    declined_at = Timestamptz(default=None, null=True)

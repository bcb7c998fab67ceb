"""Who acts: an account in one of its roles, the holder of a link, the clock, or nobody in particular."""

from uuid import UUID

from msgspec import Struct, structs

from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import Scope


class Actor(Struct, frozen=True):
    """`kind`: public, account, guest (an answer link), capacity (a capacity link), participant or system.

    `role` is the role that acts now; `roles` are all it holds; `by_role` maps each to its permissions. `code_given`:
    the browser that holds an answer link has given the code that opens the person behind it.
    """

    kind: str = "public"
    account: UUID | None = None
    name: str = ""
    institution: UUID | None = None
    institution_name: str = ""
    role: str = ""
    roles: tuple[str, ...] = ()
    by_role: dict[str, frozenset[str]] = {}
    task: UUID | None = None
    participant: UUID | None = None
    link: UUID | None = None
    csrf: str = ""
    by_key: bool = False
    code_given: bool = False

    @property
    def permissions(self) -> frozenset[str]:
        """All that any of its roles may do."""
        return frozenset().union(*self.by_role.values())

    @property
    def scope(self) -> Scope:
        """What the database is told."""
        return Scope(
            kind=self.kind,
            account=self.account,
            institution=self.institution,
            role=self.role,
            task=self.task,
            participant=self.participant,
        )

    @property
    def signed_in(self) -> bool:
        return self.kind == "account"

    def may(self, permission: Permission) -> bool:
        """True when one of its roles holds `permission`."""
        return any(permission in held for held in self.by_role.values())

    def acting_for(self, permission: Permission) -> "Actor":
        """This actor in the role through which it holds `permission`; the role already chosen goes first."""
        if permission in self.by_role.get(self.role, frozenset()):
            return self
        for role in self.roles:
            if permission in self.by_role.get(role, frozenset()):
                return structs.replace(self, role=role)
        return self

    def acting_as(self, role: str) -> "Actor":
        """This actor in another role it holds. Raises KeyError for a role it does not hold."""
        if role not in self.by_role:
            raise KeyError(role)
        return structs.replace(self, role=role)


ANONYMOUS = Actor()
SYSTEM_ACTOR = Actor(kind="system", role="system")

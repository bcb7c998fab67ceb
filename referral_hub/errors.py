"""What can go wrong on purpose. Each refusal has a code; its sentence is the catalogue key `error.<code>`."""

from collections.abc import Sequence

from msgspec import Struct


class Problem(Struct, frozen=True):
    """One field that cannot be taken: `code` names the sentence, `facts` fill its gaps."""

    field: str
    code: str
    facts: dict[str, object] = {}


class HubError(Exception):
    """Base of every deliberate error; `status` is the HTTP status it becomes."""

    status = 500
    code = "internal"

    def __init__(self, code: str | None = None, problems: Sequence[Problem] = (), **facts: object) -> None:
        self.code = code or type(self).code
        self.problems = tuple(problems)
        self.facts = facts
        super().__init__(self.code)


class NotSignedIn(HubError):
    """Nobody is signed in where somebody must be (401 for JSON, the sign-in page for people)."""

    status = 401
    code = "not_signed_in"


class NotFound(HubError):
    """Not there, or not yours to see: the answer is the same."""

    status = 404
    code = "not_found"


class NotAllowed(HubError):
    """Yours to see, not to do."""

    status = 403
    code = "not_allowed"


class Refused(HubError):
    """The rule says no now, or what was typed cannot be taken; `code` is the condition's name."""

    status = 422
    code = "invalid"


class Stale(HubError):
    """Somebody changed it meanwhile."""

    status = 409
    code = "stale"


class TooMany(HubError):
    """Asked too often."""

    status = 429
    code = "too_many"

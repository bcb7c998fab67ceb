"""`Idempotency-Key`: the same key with the same body repeats the first answer, with another body it is refused."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response

from referral_hub import clock
from referral_hub.database.columns import new_id, seal, unseal
from referral_hub.database.transaction import SYSTEM, Scope, retrying, transaction
from referral_hub.errors import Refused
from referral_hub.web.body import json_answer

HEADER = "idempotency-key"
_LONGEST = 200


async def once(
    request: Request[Any, Any, Any],
    scope: Scope,
    work: Callable[[], Awaitable[Response[Any]]],
    *,
    key: str = "",
) -> Response[Any]:
    """Answer `work()`, or what it answered before for this key by the same owner.

    The key is the header's (or `key`, from a form's hidden field); with none, the work is simply done. The change
    and the kept answer stand in one transaction, so a repeat that races the first waits for it. Only successful
    answers are kept: a refused one changed nothing and may be tried again.
    Raises Refused `idempotency_key_reused` or `idempotency_key_long`.
    """
    key = request.headers.get(HEADER, "") or key
    if not key:
        return await work()
    if len(key) > _LONGEST:
        raise Refused("idempotency_key_long")
    owner = f"{scope.kind}:{scope.account or scope.task or scope.participant or scope.institution}"
    key_hash = hashlib.sha256(f"{owner}\n{key}".encode()).digest()
    body_hash = hashlib.sha256(request.url.path.encode() + b"\n" + await request.body()).digest()
    return await _first_or_again(owner, key_hash, body_hash, work)


async def id_once(request: Request[Any, Any, Any], scope: Scope, work: Callable[[], Awaitable[UUID]]) -> UUID:
    """The id of what `work()` made or changed, now or before for this key; what is told of it is read anew.

    An answer about a person, kept whole, would show the person again after sharing has ended and leave no disclosure.
    """

    async def kept() -> Response[Any]:
        return json_answer(str(await work()))

    answer = await once(request, scope, kept)
    return msgspec.json.decode(answer.content, type=UUID)


@retrying
async def _first_or_again(
    owner: str, key_hash: bytes, body_hash: bytes, work: Callable[[], Awaitable[Response[Any]]]
) -> Response[Any]:
    async with transaction(SYSTEM) as sql:
        mine = await sql.fetchval(
            """insert into idempotent_answer (id, owner, key_hash, body_hash, made_at)
            values ($1, $2, $3, $4, $5) on conflict (key_hash) do nothing returning id""",
            new_id(),
            owner,
            key_hash,
            body_hash,
            clock.now(),
        )
        if mine is None:
            return await _repeat(sql, key_hash, body_hash)
        answer = await work()
        content = answer.content if isinstance(answer.content, bytes) else str(answer.content or "").encode()
        # Litestar's media types are enum members; their value is what the header says.
        kind = getattr(answer.media_type, "value", answer.media_type) or "application/json"
        location = answer.headers.get("Location", "")
        # Sealed: an answer about a referral may hold what the actor may see of a person.
        kept = seal(f"{kind}\n{location}\n" + content.decode())
        await sql.execute(
            "update idempotent_answer set status = $2, answer = $3 where id = $1",
            mine,
            answer.status_code or 200,
            kept,
        )
        return answer


async def _repeat(sql: Any, key_hash: bytes, body_hash: bytes) -> Response[Any]:
    row = await sql.fetchrow(
        "select body_hash, status, answer from idempotent_answer where key_hash = $1 for update", key_hash
    )
    if row is None or row["body_hash"] != body_hash:
        raise Refused("idempotency_key_reused")
    kind, location, content = unseal(row["answer"]).split("\n", 2)
    headers = {"Location": location} if location else {}
    return Response(content.encode(), status_code=row["status"], media_type=kind, headers=headers)

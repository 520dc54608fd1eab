"""Keys of repeated requests: the same POST sent ten times writes one row and answers ten times the same."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables import idempotency_keys

_KEYS = idempotency_keys.c


@dataclass(frozen=True)
class Remembered:
    """What was answered to the first request of a key."""

    request_hash: str
    status: int | None
    body: str | None
    etag: str | None


def claim_key(conn: Connection, commune_id: int, username: str, key: str, request_hash: str) -> Remembered | None:
    """Claim a key for this transaction; None: it was free. Waits for another request that holds it."""
    mine = {"commune_id": commune_id, "username": username, "key": key}
    claim = insert(idempotency_keys).values(mine | {"request_hash": request_hash})
    if conn.execute(claim.on_conflict_do_nothing().returning(_KEYS.key)).one_or_none() is not None:
        return None
    statement = sa.select(_KEYS.request_hash, _KEYS.status, _KEYS.body, _KEYS.etag).where(
        _KEYS.commune_id == commune_id, _KEYS.username == username, _KEYS.key == key
    )
    return Remembered(*conn.execute(statement).one())


def keep_answer(conn: Connection, commune_id: int, username: str, key: str, answer: Remembered) -> None:
    """Keep the answer beside the key, in the same transaction as the write."""
    values = {"status": answer.status, "body": answer.body, "etag": answer.etag}
    mine = (_KEYS.commune_id == commune_id, _KEYS.username == username, _KEYS.key == key)
    conn.execute(sa.update(idempotency_keys).where(*mine).values(values))

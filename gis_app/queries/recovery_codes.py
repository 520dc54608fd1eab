"""Recovery codes of the second factor; only the actor with the role `gate` sees them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables.recovery import recovery_codes

_C = recovery_codes.c


def replace_codes(conn: Connection, account_id: int, hashes: Sequence[str]) -> None:
    """Keep these hashes, the first at position 0; codes made before are void."""
    delete_codes(conn, account_id)
    rows = [
        {"account_id": account_id, "position": position, "code_hash": found} for position, found in enumerate(hashes)
    ]
    conn.execute(sa.insert(recovery_codes), rows)


def fetch_hash(conn: Connection, account_id: int, position: int) -> str | None:
    """The hash of an unused code, locked until the transaction ends so that no code is taken twice."""
    statement = sa.select(_C.code_hash).where(_C.account_id == account_id, _C.position == position)
    return conn.execute(statement.with_for_update()).scalar_one_or_none()


def use_code(conn: Connection, account_id: int, position: int) -> int:
    """Use a code up; return how many are left."""
    conn.execute(sa.delete(recovery_codes).where(_C.account_id == account_id, _C.position == position))
    return count_codes(conn, account_id)


def count_codes(conn: Connection, account_id: int) -> int:
    """How many unused codes an account has."""
    statement = sa.select(sa.func.count()).where(_C.account_id == account_id)
    return int(conn.execute(statement).scalar_one())


def delete_codes(conn: Connection, account_id: int) -> None:
    """Make every code of an account void."""
    conn.execute(sa.delete(recovery_codes).where(_C.account_id == account_id))

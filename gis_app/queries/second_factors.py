"""Second factors of sign-in; only the actor with the role `gate` sees them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.tables import second_factors

_C = second_factors.c


@dataclass(frozen=True)
class SecondFactor:
    """The stored secret, whether it counts already, and the last time step whose code was taken."""

    secret_encrypted: str
    last_step: int
    confirmed_at: datetime | None


def fetch_second_factor(conn: Connection, account_id: int) -> SecondFactor | None:
    """The account's second factor, locked until the transaction ends so that no code is taken twice."""
    statement = sa.select(_C.secret_encrypted, _C.last_step, _C.confirmed_at).where(_C.account_id == account_id)
    row = conn.execute(statement.with_for_update()).one_or_none()
    return None if row is None else SecondFactor(*row)


def insert_second_factor(conn: Connection, account_id: int, secret_encrypted: str) -> None:
    """Start setting up; a secret that was never confirmed goes, a confirmed one is left for the caller to refuse."""
    conn.execute(sa.delete(second_factors).where(_C.account_id == account_id, _C.confirmed_at.is_(None)))
    conn.execute(sa.insert(second_factors).values(account_id=account_id, secret_encrypted=secret_encrypted))


def update_last_step(conn: Connection, account_id: int, step: int) -> None:
    """Remember that the code of this step was taken."""
    conn.execute(sa.update(second_factors).where(_C.account_id == account_id).values(last_step=step))


def confirm_second_factor(conn: Connection, account_id: int, now: datetime) -> None:
    """From now on the account signs in with a code too."""
    conn.execute(sa.update(second_factors).where(_C.account_id == account_id).values(confirmed_at=now))


def delete_second_factor(conn: Connection, account_id: int) -> bool:
    """Take the second factor away; False if there was none."""
    return conn.execute(sa.delete(second_factors).where(_C.account_id == account_id)).rowcount == 1

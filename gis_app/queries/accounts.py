"""Accounts and sessions; only the actor with the role `gate` sees them. Times are UTC."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.db import Actor
from gis_app.tables import accounts, sessions

GATE = Actor("gate")
SESSION_AGE = timedelta(hours=12)
FREE_FAILURES = 3
MAX_DELAY_S = 42


@dataclass(frozen=True)
class Account:
    """An account as the sign-in needs it."""

    id: int
    username: str
    password_hash: str
    role: str
    commune_id: int | None
    failed_count: int
    blocked_until_at: datetime | None


@dataclass(frozen=True)
class SignedIn:
    """Who a session token stands for; `commune_id` is where an administrator has entered, or the own one."""

    account_id: int
    username: str
    role: str
    commune_id: int | None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def fetch_account(conn: Connection, username: str) -> Account | None:
    """The active account of that name, locked until the transaction ends so that failures are counted."""
    c = accounts.c
    statement = (
        sa.select(c.id, c.username, c.password_hash, c.role, c.commune_id, c.failed_count, c.blocked_until_at)
        .where(c.username == username, c.is_active)
        .with_for_update()
    )
    row = conn.execute(statement).one_or_none()
    return None if row is None else Account(*row)


def update_failures(conn: Connection, account: Account, *, failed: bool, now: datetime) -> None:
    """Count a failure and let the account wait: 1, 2, 4 … 42 s after the third; success forgets."""
    count = account.failed_count + 1 if failed else 0
    over = count - FREE_FAILURES
    blocked = now + timedelta(seconds=min(2**over, MAX_DELAY_S)) if failed and over >= 0 else None
    values = {"failed_count": count, "blocked_until_at": blocked}
    conn.execute(sa.update(accounts).where(accounts.c.id == account.id).values(values))


def insert_session(conn: Connection, account_id: int) -> str:
    """Start a session and return its token, which is stored as a hash only."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    conn.execute(sa.delete(sessions).where(sessions.c.account_id == account_id, sessions.c.expires_at < now))
    values = {"token_hash": _hash(token), "account_id": account_id, "expires_at": now + SESSION_AGE}
    conn.execute(sa.insert(sessions).values(values))
    return token


def fetch_signed_in(conn: Connection, token: str) -> SignedIn | None:
    """Who a token stands for, or None if it is unknown, revoked or expired."""
    a, s = accounts.c, sessions.c
    statement = (
        sa.select(a.id, a.username, a.role, sa.func.coalesce(a.commune_id, s.commune_id))
        .join_from(sessions, accounts, a.id == s.account_id)
        .where(s.token_hash == _hash(token), s.expires_at > sa.func.now(), a.is_active)
    )
    row = conn.execute(statement).one_or_none()
    return None if row is None else SignedIn(*row)


def update_session_commune(conn: Connection, token: str, commune_id: int | None) -> None:
    """Let an administrator enter a commune, or leave it."""
    conn.execute(sa.update(sessions).where(sessions.c.token_hash == _hash(token)).values(commune_id=commune_id))


def delete_session(conn: Connection, token: str) -> None:
    """Revoke a session at once."""
    conn.execute(sa.delete(sessions).where(sessions.c.token_hash == _hash(token)))


def upsert_account(conn: Connection, username: str, password_hash: str, role: str, commune_id: int | None) -> None:
    """Make an account or give it a new password (owner rights); its sessions end."""
    values = {"username": username, "password_hash": password_hash, "role": role, "commune_id": commune_id}
    statement = insert(accounts).values(values)
    statement = statement.on_conflict_do_update(
        index_elements=["username"], set_={"password_hash": password_hash, "role": role, "commune_id": commune_id}
    )
    account_id = conn.execute(statement.returning(accounts.c.id)).scalar_one()
    conn.execute(sa.delete(sessions).where(sessions.c.account_id == account_id))

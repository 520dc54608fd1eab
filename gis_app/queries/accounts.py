"""Accounts and sessions; only the actor with the role `gate` sees them. Times are UTC."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.db import Actor
from gis_app.tables import accounts, commune_grants, second_factors, sessions
from layers.base import CITY

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
    """Who a session or a program's token stands for.

    `commune_id` is where an administrator of the system or a city reader has entered, or the account's own, `home_id`.
    """

    account_id: int
    username: str
    role: str
    commune_id: int | None
    home_id: int | None = None
    has_second_factor: bool = False


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it."""

    id: int
    device: str
    created_at: datetime
    expires_at: datetime
    is_current: bool


def hash_token(token: str) -> str:
    """What is stored instead of a token; tokens are long and random, so a fast hash is enough."""
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


def insert_session(conn: Connection, account_id: int, device: str = "") -> str:
    """Start a session and return its token, which is stored as a hash only."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    conn.execute(sa.delete(sessions).where(sessions.c.account_id == account_id, sessions.c.expires_at < now))
    values = {"token_hash": hash_token(token), "account_id": account_id, "expires_at": now + SESSION_AGE}
    conn.execute(sa.insert(sessions).values(values | {"device": device}))
    return token


def has_second_factor() -> sa.Exists:
    """Whether the account of the statement has a confirmed second factor."""
    f = second_factors.c
    return sa.exists().where(f.account_id == accounts.c.id, f.confirmed_at.is_not(None))


def fetch_signed_in(conn: Connection, token: str) -> SignedIn | None:
    """Who a token stands for, or None if it is unknown, revoked or expired."""
    a, s, g = accounts.c, sessions.c, commune_grants.c
    # A city reader acts as a supervisor where a commune is granted in detail, and only until the grant ends.
    granted = sa.exists().where(
        g.account_id == a.id, g.commune_id == s.commune_id, g.detail, g.until_on >= sa.func.vietnam_today()
    )
    role = sa.case((sa.and_(a.role == CITY, granted), "supervisor"), else_=a.role)
    entered = sa.case((sa.or_(a.role != CITY, granted), s.commune_id))
    place = sa.func.coalesce(a.commune_id, entered)
    statement = (
        sa.select(a.id, a.username, role, place, a.commune_id, has_second_factor())
        .join_from(sessions, accounts, a.id == s.account_id)
        .where(s.token_hash == hash_token(token), s.expires_at > sa.func.now(), a.is_active)
    )
    row = conn.execute(statement).one_or_none()
    return None if row is None else SignedIn(*row)


def update_session_commune(conn: Connection, token: str, commune_id: int | None) -> None:
    """Let an administrator or a city reader enter a commune, or leave it."""
    conn.execute(sa.update(sessions).where(sessions.c.token_hash == hash_token(token)).values(commune_id=commune_id))


def delete_session(conn: Connection, token: str) -> None:
    """Revoke a session at once."""
    conn.execute(sa.delete(sessions).where(sessions.c.token_hash == hash_token(token)))


def fetch_sessions(conn: Connection, account_id: int, token: str) -> list[OpenSession]:
    """The open sessions of an account, newest first; `token` is the one that asks."""
    c = sessions.c
    statement = sa.select(c.id, c.device, c.created_at, c.expires_at, c.token_hash == hash_token(token))
    statement = statement.where(c.account_id == account_id, c.expires_at > sa.func.now())
    return [OpenSession(*row) for row in conn.execute(statement.order_by(c.created_at.desc()))]


def delete_own_session(conn: Connection, account_id: int, session_id: int) -> bool:
    """Revoke one of an account's sessions; False if it is not there, or not the account's."""
    statement = sa.delete(sessions).where(sessions.c.account_id == account_id, sessions.c.id == session_id)
    return conn.execute(statement).rowcount == 1


def delete_sessions(conn: Connection, account_id: int, *, but: str = "") -> None:
    """Revoke an account's sessions, but the one whose token is `but`."""
    statement = sa.delete(sessions).where(sessions.c.account_id == account_id)
    conn.execute(statement.where(sessions.c.token_hash != hash_token(but)))


def update_password(conn: Connection, account_id: int, password_hash: str) -> None:
    """Give an account a new password; the caller ends its other sessions."""
    conn.execute(sa.update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash))


def is_taken(conn: Connection, username: str) -> bool:
    """Whether an account has that user name, in any commune."""
    return bool(conn.execute(sa.select(sa.exists().where(accounts.c.username == username))).scalar_one())


def insert_account(conn: Connection, username: str, password_hash: str, role: str, commune_id: int) -> int | None:
    """Make an account of a commune; None if the name is taken."""
    values = {"username": username, "password_hash": password_hash, "role": role, "commune_id": commune_id}
    statement = insert(accounts).values(values).on_conflict_do_nothing(index_elements=["username"])
    return conn.execute(statement.returning(accounts.c.id)).scalar_one_or_none()


def upsert_account(conn: Connection, username: str, password_hash: str, role: str, commune_id: int | None) -> None:
    """Make an account or give it a new password (owner rights); its sessions end."""
    values = {"username": username, "password_hash": password_hash, "role": role, "commune_id": commune_id}
    statement = insert(accounts).values(values)
    statement = statement.on_conflict_do_update(
        index_elements=["username"], set_={"password_hash": password_hash, "role": role, "commune_id": commune_id}
    )
    account_id = conn.execute(statement.returning(accounts.c.id)).scalar_one()
    conn.execute(sa.delete(sessions).where(sessions.c.account_id == account_id))

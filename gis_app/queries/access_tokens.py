"""Tokens that programs sign in with; the web looks them up as `gate`, administrators see those of their commune."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.accounts import SignedIn, has_second_factor, hash_token
from gis_app.tables import access_tokens, accounts

# Says what it is to a person, and to a scanner for secrets in a repository.
PREFIX = "bdby_"
SCOPES = ("read", "write")
MAX_DAYS = 366
# Of one account: a person who makes more has lost count of them.
MOST = 20
USE_NOTED_EVERY = timedelta(hours=1)
_C = access_tokens.c


@dataclass(frozen=True)
class AccessToken:
    """A token as its owner or an administrator sees it: never the token itself."""

    id: int
    username: str
    name: str
    scope: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def insert_token(conn: Connection, account_id: int, name: str, scope: str, expires_at: datetime) -> str:
    """Make a token (as `gate`, or with owner rights) and return it, this once."""
    token = PREFIX + secrets.token_urlsafe(32)
    values = {"token_hash": hash_token(token), "account_id": account_id, "name": name, "scope": scope}
    conn.execute(sa.insert(access_tokens).values(values | {"expires_at": expires_at}))
    return token


def fetch_program(conn: Connection, token: str) -> tuple[SignedIn, str] | None:
    """Who a token stands for and its scope, or None if it is unknown, revoked or expired; its use is noted."""
    a = accounts.c
    statement = (
        sa.select(_C.id, _C.scope, _C.last_used_at, a.id, a.username, a.role, a.commune_id, a.commune_id)
        .add_columns(has_second_factor())
        .join_from(access_tokens, accounts, a.id == _C.account_id)
        .where(_C.token_hash == hash_token(token), _C.expires_at > sa.func.now(), a.is_active)
    )
    row = conn.execute(statement).one_or_none()
    if row is None:
        return None
    stale = sa.or_(_C.last_used_at.is_(None), _C.last_used_at < sa.func.now() - USE_NOTED_EVERY)
    conn.execute(sa.update(access_tokens).where(_C.id == row[0], stale).values(last_used_at=sa.func.now()))
    return SignedIn(*row[3:]), row[1]


def fetch_tokens(conn: Connection, *, account_id: int | None = None, username: str | None = None) -> list[AccessToken]:
    """Tokens that the actor may see, or those of one account; newest first."""
    columns = (_C.id, accounts.c.username, _C.name, _C.scope, _C.created_at, _C.expires_at, _C.last_used_at)
    statement = sa.select(*columns).join_from(access_tokens, accounts, accounts.c.id == _C.account_id)
    if account_id is not None:
        statement = statement.where(_C.account_id == account_id)
    if username is not None:
        statement = statement.where(accounts.c.username == username)
    return [AccessToken(*row) for row in conn.execute(statement.order_by(_C.id.desc()))]


def count_tokens(conn: Connection, account_id: int) -> int:
    """How many tokens of an account hold."""
    statement = sa.select(sa.func.count()).where(_C.account_id == account_id, _C.expires_at > sa.func.now())
    return int(conn.execute(statement).scalar_one())


def delete_token(conn: Connection, token_id: int, *, account_id: int | None = None) -> bool:
    """Revoke a token that the actor may see, or one of an account; False if there is none such."""
    statement = sa.delete(access_tokens).where(_C.id == token_id)
    if account_id is not None:
        statement = statement.where(_C.account_id == account_id)
    return conn.execute(statement).rowcount == 1

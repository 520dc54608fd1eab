"""The accounts of one commune, for its administrator: row-level security shows and changes no other's.

Accepting an invitation is the `gate`'s business, since a stranger does it.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.accounts import hash_token
from gis_app.tables import access_tokens, accounts, invitations, sessions

INVITATION_AGE = timedelta(hours=72)
_A, _I = accounts.c, invitations.c


@dataclass(frozen=True)
class Person:
    """An account as the administrator of its commune sees it."""

    id: int
    username: str
    role: str
    is_active: bool
    blocked_until_at: datetime | None
    created_at: datetime
    version: int
    session_count: int


@dataclass(frozen=True)
class Invitation:
    """An open invitation."""

    id: int
    commune_id: int
    username: str
    role: str
    invited_by: str
    expires_at: datetime


def _people() -> sa.Select[Any]:
    open_ones = sa.select(sa.func.count()).where(sessions.c.account_id == _A.id, sessions.c.expires_at > sa.func.now())
    columns = (_A.id, _A.username, _A.role, _A.is_active, _A.blocked_until_at, _A.created_at, _A.version)
    return sa.select(*columns, open_ones.scalar_subquery()).order_by(_A.username)


def fetch_people(conn: Connection) -> list[Person]:
    """The accounts of the actor's commune, by name."""
    return [Person(*row) for row in conn.execute(_people())]


def fetch_person(conn: Connection, account_id: int) -> Person | None:
    """One account of the actor's commune; None for any other id."""
    row = conn.execute(_people().where(_A.id == account_id)).one_or_none()
    return None if row is None else Person(*row)


def fetch_name(conn: Connection, account_id: int) -> str | None:
    """The user name of an account of the actor's commune, locked for a change; None for any other id."""
    statement = sa.select(_A.username).where(_A.id == account_id).with_for_update()
    return conn.execute(statement).scalar_one_or_none()


def update_role(conn: Connection, account_id: int, role: str) -> None:
    """Give an account another role; its sessions end, so no page goes on showing what the old role saw."""
    conn.execute(sa.update(accounts).where(_A.id == account_id).values(role=role, version=_A.version + 1))
    conn.execute(sa.delete(sessions).where(sessions.c.account_id == account_id))


def update_active(conn: Connection, account_id: int, *, is_active: bool) -> None:
    """Let an account sign in, or not; its sessions and tokens end and do not come back."""
    conn.execute(sa.update(accounts).where(_A.id == account_id).values(is_active=is_active, version=_A.version + 1))
    if not is_active:
        conn.execute(sa.delete(sessions).where(sessions.c.account_id == account_id))
        conn.execute(sa.delete(access_tokens).where(access_tokens.c.account_id == account_id))


def unlock(conn: Connection, account_id: int) -> None:
    """Forget wrong passwords, so that the person need not wait."""
    values = {"failed_count": 0, "blocked_until_at": None}
    conn.execute(sa.update(accounts).where(_A.id == account_id).values(values))


def insert_invitation(conn: Connection, commune_id: int, username: str, role: str, invited_by: str) -> str:
    """Invite a person and return the link's token, this once; an earlier invitation of that name is void."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    same = sa.and_(_I.commune_id == commune_id, _I.username == username)
    conn.execute(sa.delete(invitations).where(sa.or_(same, _I.expires_at < now)))
    values = {"commune_id": commune_id, "username": username, "role": role, "invited_by": invited_by}
    values |= {"token_hash": hash_token(token), "expires_at": now + INVITATION_AGE}
    conn.execute(sa.insert(invitations).values(values))
    return token


def fetch_invitations(conn: Connection) -> list[Invitation]:
    """The open invitations of the actor's commune, newest first."""
    columns = (_I.id, _I.commune_id, _I.username, _I.role, _I.invited_by, _I.expires_at)
    statement = sa.select(*columns).where(_I.expires_at > sa.func.now()).order_by(_I.id.desc())
    return [Invitation(*row) for row in conn.execute(statement)]


def fetch_invitation(conn: Connection, token: str) -> Invitation | None:
    """The open invitation of a link, as `gate`; None when void."""
    columns = (_I.id, _I.commune_id, _I.username, _I.role, _I.invited_by, _I.expires_at)
    statement = sa.select(*columns).where(_I.token_hash == hash_token(token), _I.expires_at > sa.func.now())
    row = conn.execute(statement).one_or_none()
    return None if row is None else Invitation(*row)


def delete_invitation(conn: Connection, invitation_id: int) -> str | None:
    """Withdraw or use up an invitation that the actor may see: its user name, or None when somebody else has."""
    statement = sa.delete(invitations).where(_I.id == invitation_id).returning(_I.username)
    return conn.execute(statement).scalar_one_or_none()

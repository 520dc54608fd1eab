"""What a city account reads: totals of the communes granted to it. Only the gate sees the grants themselves."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables import accounts, commune_grants
from layers import LAYERS
from layers.base import CITY

_G = commune_grants.c


@dataclass(frozen=True)
class CommuneTotals:
    """One commune: number of groups of each stage; `detail`: the account may enter it, until `until_on` (inclusive)."""

    id: int
    code: str
    full_name: str
    detail: bool
    until_on: dt.date
    groups: Mapping[str, int]


def stages() -> tuple[str, ...]:
    """The stages in the order of the programme."""
    field = LAYERS["groups"].field("stage")
    return tuple(choice.code for choice in field.choices) if field else ()


def fetch_totals(conn: Connection) -> list[CommuneTotals]:
    """Totals of the communes granted to the acting city account, in Vietnamese name order."""
    rows = conn.execute(
        sa.text("SELECT commune_id, code, full_name, detail, until_on, stage, group_count FROM city_totals()")
    )
    found: dict[int, tuple[str, str, bool, dt.date]] = {}
    counts: dict[int, dict[str, int]] = {}
    for commune_id, code, full_name, detail, until_on, stage, count in rows:
        found[commune_id] = (code, full_name, detail, until_on)
        groups = counts.setdefault(commune_id, dict.fromkeys(stages(), 0))
        if stage is not None:
            groups[stage] = count
    return [CommuneTotals(key, *values, counts[key]) for key, values in found.items()]


def may_enter(conn: Connection, account_id: int, commune_id: int) -> bool:
    """Whether a city account may enter a commune today (ask as the gate)."""
    statement = sa.select(_G.detail).where(
        _G.account_id == account_id, _G.commune_id == commune_id, _G.until_on >= sa.func.vietnam_today()
    )
    return bool(conn.execute(statement).scalar_one_or_none())


def upsert_grant(conn: Connection, username: str, commune_id: int, until_on: dt.date, *, detail: bool) -> bool:
    """Grant a commune to a city account (owner rights); False if there is no such account."""
    account = sa.select(accounts.c.id).where(accounts.c.username == username, accounts.c.role == CITY)
    account_id = conn.execute(account).scalar_one_or_none()
    if account_id is None:
        return False
    values = {"account_id": account_id, "commune_id": commune_id, "detail": detail, "until_on": until_on}
    statement = insert(commune_grants).values(values)
    keep = {"detail": detail, "until_on": until_on}
    conn.execute(statement.on_conflict_do_update(index_elements=["account_id", "commune_id"], set_=keep))
    return True


def delete_grant(conn: Connection, username: str, commune_id: int) -> bool:
    """Take a grant back (owner rights); False if there was none."""
    account = sa.select(accounts.c.id).where(accounts.c.username == username).scalar_subquery()
    statement = sa.delete(commune_grants).where(_G.account_id == account, _G.commune_id == commune_id)
    return conn.execute(statement).rowcount == 1

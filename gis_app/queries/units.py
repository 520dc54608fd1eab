"""Units, the accounts that act for them, and who is in charge of which group. Row-level security applies."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gis_app.tables.units import group_units, unit_members, units
from gis_app.text import natural_key
from layers import LAYERS, table_of

EDITORS = ("admin", "committee", "data")

_U, _G, _M = units.c, group_units.c, unit_members.c
_GROUPS = table_of(LAYERS["groups"])


@dataclass(frozen=True)
class Unit:
    """A unit of the commune."""

    id: int
    version: int
    name: str
    kind: str
    is_active: bool


@dataclass(frozen=True)
class Charge:
    """Who is in charge of a group from a day on; `unit_id` None: nobody."""

    group_id: int
    group: str
    unit_id: int | None
    unit: str | None
    from_on: dt.date | None


def fetch_units(conn: Connection, unit_id: int | None = None) -> list[Unit]:
    """Return the units of the actor's commune, those at work first, in Vietnamese name order; or the one asked for."""
    statement = sa.select(_U.id, _U.version, _U.name, _U.kind, _U.is_active)
    if unit_id is not None:
        statement = statement.where(_U.id == unit_id)
    rows = conn.execute(statement.order_by(_U.is_active.desc(), sa.collate(_U.name, "vi_numeric")))
    return [Unit(*row) for row in rows]


def insert_unit(conn: Connection, commune_id: int, name: str, kind: str) -> int:
    """Add a unit; return its id."""
    values = {"commune_id": commune_id, "name": name, "kind": kind}
    return int(conn.execute(units.insert().values(values).returning(_U.id)).scalar_one())


def update_unit(conn: Connection, unit_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Rename a unit, change its kind, close or open it; False: another version, or not there."""
    statement = units.update().where(_U.id == unit_id, _U.version == version).values(dict(values))
    return conn.execute(statement).rowcount == 1


def fetch_charges(conn: Connection, on_day: dt.date | None = None) -> list[Charge]:
    """Return each group of the commune with the unit in charge on a day (None: today), in Vietnamese name order."""
    day = sa.func.vietnam_today() if on_day is None else sa.literal(on_day, sa.Date)
    now = (
        sa.select(_G.unit_id, _G.from_on)
        .where(_G.group_id == _GROUPS.c.id, _G.from_on <= day)
        .order_by(_G.from_on.desc())
        .limit(1)
        .lateral("now")
    )
    statement = (
        sa.select(_GROUPS.c.id, _GROUPS.c.name, now.c.unit_id, _U.name, now.c.from_on)
        .select_from(_GROUPS.outerjoin(now, sa.true()).outerjoin(units, _U.id == now.c.unit_id))
        .order_by(sa.collate(_GROUPS.c.name, "vi_numeric"), _GROUPS.c.id)
    )
    return sorted((Charge(*row) for row in conn.execute(statement)), key=lambda charge: natural_key(charge.group))


def fetch_charge_history(conn: Connection, group_id: int) -> list[Charge]:
    """Return who has been in charge of a group, newest first."""
    statement = (
        sa.select(_G.group_id, _GROUPS.c.name, _G.unit_id, _U.name, _G.from_on)
        .select_from(group_units.join(_GROUPS, _GROUPS.c.id == _G.group_id).outerjoin(units, _U.id == _G.unit_id))
        .where(_G.group_id == group_id)
        .order_by(_G.from_on.desc())
    )
    return [Charge(*row) for row in conn.execute(statement)]


def upsert_charges(
    conn: Connection, commune_id: int, group_ids: Sequence[int], unit_id: int | None, from_on: dt.date
) -> int:
    """Put a unit (None: nobody) in charge of groups from a day on; what was before stays. Return how many groups.

    Raises IntegrityError for a group or unit that is not the commune's.
    """
    rows = [{"commune_id": commune_id, "group_id": one, "unit_id": unit_id, "from_on": from_on} for one in group_ids]
    statement = insert(group_units).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=["group_id", "from_on"], set_={"unit_id": statement.excluded.unit_id}
    )
    return conn.execute(statement).rowcount


def fetch_members(conn: Connection) -> dict[int, list[str]]:
    """Return the accounts that act for each unit (administrators read them; others get none)."""
    found: dict[int, list[str]] = {}
    for unit_id, username in conn.execute(sa.select(_M.unit_id, _M.username).order_by(_M.username)):
        found.setdefault(unit_id, []).append(username)
    return found


def fetch_own_units(conn: Connection) -> list[int]:
    """Return the units for which the actor's account works."""
    return list(conn.execute(sa.select(sa.func.acting_units())).scalar_one())


def insert_member(conn: Connection, commune_id: int, unit_id: int, username: str) -> None:
    """Let an account act for a unit; once more changes nothing."""
    values = {"commune_id": commune_id, "unit_id": unit_id, "username": username}
    conn.execute(insert(unit_members).values(values).on_conflict_do_nothing())


def delete_member(conn: Connection, unit_id: int, username: str) -> bool:
    """End that an account acts for a unit."""
    return conn.execute(unit_members.delete().where(_M.unit_id == unit_id, _M.username == username)).rowcount == 1

"""Siting plans, their devices and figures. Row-level security applies; places are EPSG:4326 (lon, lat), money VND."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely.geometry import Point
from sqlalchemy.engine import Connection

from gis_app.crs import STORED
from gis_app.tables.siting import siting_devices, siting_plans, siting_results
from layers.base import SITING, STAFF

# Who makes plans; who reads them; who turns them into tasks.
MAKERS = tuple(sorted(SITING))
READERS = tuple(sorted(STAFF))
ASSIGNERS = ("admin", "data", "planner")
MOST_PLANS = 100
MOST_DEVICES = 2000

_P, _R, _D = siting_plans.c, siting_results.c, siting_devices.c


@dataclass(frozen=True)
class Plan:
    """A plan with the figures of its devices as they stand; results are None until it was solved or counted."""

    id: int
    version: int
    name: str
    settings: Mapping[str, Any]
    settings_version: int
    state: str
    created_at: dt.datetime
    updated_at: dt.datetime
    status: str | None
    objective: float | None
    bound: float | None
    gap_share: float | None
    curve: Sequence[Sequence[float]]
    history: Sequence[Sequence[float | None]]
    marginal: Mapping[str, Any]
    solved_at: dt.datetime | None
    figures: Mapping[str, Any] | None
    solved_version: int | None
    solved_basis: Mapping[str, Any] | None
    bound_holds: bool
    floor: float | None
    floor_bound: float | None
    conflict: str | None
    missing: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Device:
    """A device of a plan; `azimuth_deg` clockwise from north, None for a lamp."""

    id: int
    version: int
    kind: str
    lon: float
    lat: float
    azimuth_deg: float | None
    model: str
    cost_vnd: int
    year: int | None
    fund: str | None
    is_locked: bool
    is_forbidden: bool
    by_hand: bool
    feature_layer: str | None
    feature_id: int | None
    task_id: int | None


def fetch_plans(conn: Connection, commune_id: int, plan_id: int | None = None) -> list[Plan]:
    """Return the plans of the commune, newest first; with `plan_id` that one, or none."""
    result = sa.func.coalesce
    statement = (
        sa.select(
            _P.id, _P.version, _P.name, _P.settings, _P.settings_version, _P.state, _P.created_at, _P.updated_at,
            _R.status, _R.objective, _R.bound, _R.gap_share, result(_R.curve, sa.text("'[]'::jsonb")),
            result(_R.history, sa.text("'[]'::jsonb")), result(_R.marginal, sa.text("'{}'::jsonb")), _R.solved_at,
            _R.figures, _R.solved_version, _R.solved_basis, result(_R.bound_holds, sa.false()), _R.floor,
            _R.floor_bound, _R.conflict, result(_R.missing, sa.text("'[]'::jsonb")),
        )
        .select_from(siting_plans.outerjoin(siting_results, _R.plan_id == _P.id))
        .where(_P.commune_id == commune_id)
        .order_by(_P.id.desc())
        .limit(MOST_PLANS)
    )  # fmt: skip
    if plan_id is not None:
        statement = statement.where(_P.id == plan_id)
    return [Plan(*tuple(row)) for row in conn.execute(statement)]


def lock_plan(conn: Connection, plan_id: int) -> None:
    """Wait for whoever else changes the plan's devices; until the transaction ends nobody else does."""
    conn.execute(sa.select(_P.id).where(_P.id == plan_id).with_for_update())


def count_plans(conn: Connection, commune_id: int) -> int:
    """Return how many plans the commune has."""
    return int(conn.execute(sa.select(sa.func.count()).where(_P.commune_id == commune_id)).scalar_one())


def insert_plan(conn: Connection, commune_id: int, name: str, settings: Mapping[str, Any]) -> int:
    """Make a plan; return its id."""
    values = {"commune_id": commune_id, "name": name, "settings": dict(settings)}
    return int(conn.execute(siting_plans.insert().values(values).returning(_P.id)).scalar_one())


def update_plan(conn: Connection, plan_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Change name or settings of a version; False: another version, assigned, or not there."""
    changed: dict[str, Any] = dict(values)
    if "settings" in changed:
        # The page's form sends the settings with every new name.
        same = _P.settings == sa.literal(changed["settings"], _P.settings.type)
        changed["settings_version"] = _P.settings_version + sa.case((same, 0), else_=1)
    statement = siting_plans.update().where(_P.id == plan_id, _P.version == version, _P.state != "assigned")
    return conn.execute(statement.values(changed)).rowcount == 1


def update_state(conn: Connection, plan_id: int, state: str) -> None:
    """Write the state; the same one too, so that the version is another whenever the devices are."""
    conn.execute(siting_plans.update().where(_P.id == plan_id).values(state=state))


def delete_plan(conn: Connection, plan_id: int, version: int) -> bool:
    """Delete a version of a plan with its devices; False: another version, or not there."""
    return conn.execute(siting_plans.delete().where(_P.id == plan_id, _P.version == version)).rowcount == 1


def upsert_result(conn: Connection, commune_id: int, plan_id: int, values: Mapping[str, Any]) -> None:
    """Write some figures of a plan; the others stay."""
    row = {"plan_id": plan_id, "commune_id": commune_id, "counted_at": sa.func.now()} | dict(values)
    changed = {name: value for name, value in row.items() if name not in ("plan_id", "commune_id")}
    exists = conn.execute(siting_results.update().where(_R.plan_id == plan_id).values(changed)).rowcount
    if not exists:
        conn.execute(siting_results.insert().values(row))


def fetch_devices(conn: Connection, plan_id: int, device_id: int | None = None) -> list[Device]:
    """Return the devices of a plan, refused ones too, by year, kind and id; with `device_id` that one, or none."""
    statement = (
        sa.select(
            _D.id, _D.version, _D.kind, sa.func.ST_X(_D.geom), sa.func.ST_Y(_D.geom), _D.azimuth_deg, _D.model,
            _D.cost_vnd, _D.year, _D.fund, _D.is_locked, _D.is_forbidden, _D.by_hand, _D.feature_layer, _D.feature_id,
            _D.task_id,
        )
        .where(_D.plan_id == plan_id)
        .order_by(_D.is_forbidden, sa.nulls_last(_D.year), _D.kind, _D.id)
    )  # fmt: skip
    if device_id is not None:
        statement = statement.where(_D.id == device_id)
    return [Device(*tuple(row)) for row in conn.execute(statement)]


def fetch_metric_places(conn: Connection, plan_id: int, srid: int) -> dict[int, tuple[float, float]]:
    """Return x, y in metres of each device of a plan."""
    spot = sa.func.ST_Transform(_D.geom, srid)
    rows = conn.execute(sa.select(_D.id, sa.func.ST_X(spot), sa.func.ST_Y(spot)).where(_D.plan_id == plan_id))
    return {row[0]: (float(row[1]), float(row[2])) for row in rows}


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with `lon`, `lat` made a shape."""
    found = dict(values)
    if "lon" in found:
        found["geom"] = from_shape(Point(found.pop("lon"), found.pop("lat")), srid=STORED)
    return found


def insert_devices(conn: Connection, commune_id: int, plan_id: int, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add devices (`lon`, `lat` and columns); return their ids in order."""
    found = []
    for values in rows:
        written = _written(values) | {"commune_id": commune_id, "plan_id": plan_id}
        found.append(int(conn.execute(siting_devices.insert().values(written).returning(_D.id)).scalar_one()))
    return found


def update_device(
    conn: Connection, plan_id: int, device_id: int, values: Mapping[str, Any], version: int | None = None
) -> bool:
    """Change a device of a version; False: another version, or not there."""
    statement = siting_devices.update().where(_D.plan_id == plan_id, _D.id == device_id)
    if version is not None:
        statement = statement.where(_D.version == version)
    return conn.execute(statement.values(_written(values))).rowcount == 1


def delete_device(conn: Connection, plan_id: int, device_id: int, version: int) -> bool:
    """Take a device out of a plan; False as in update_device."""
    statement = siting_devices.delete().where(_D.plan_id == plan_id, _D.id == device_id, _D.version == version)
    return conn.execute(statement).rowcount == 1


def delete_found(conn: Connection, plan_id: int, kept: Collection[int]) -> int:
    """Take out what the last solving found and nobody locked or refused; return how many."""
    statement = siting_devices.delete().where(
        _D.plan_id == plan_id, ~_D.is_locked, ~_D.is_forbidden, _D.id.not_in(list(kept))
    )
    return conn.execute(statement).rowcount


def update_proposed(conn: Connection, plan_id: int, version: int) -> str:
    """Make every device a proposed row of its layer; return proposed, role, missing, stale, assigned, running, none."""
    return str(conn.execute(sa.select(sa.func.propose_siting_devices(plan_id, version))).scalar_one())


def fetch_without_sign(conn: Connection, plan_id: int) -> list[int]:
    """Return ids of the plan's cameras whose row of the layer has no notice sign yet."""
    statement = sa.text(
        "SELECT d.id FROM siting_devices AS d JOIN cameras AS c ON d.feature_layer = 'cameras' AND c.id = d.feature_id "
        "WHERE d.plan_id = :plan AND NOT c.has_notice_sign AND c.state <> 'removed' ORDER BY d.id"
    )
    return [int(row) for row in conn.execute(statement, {"plan": plan_id}).scalars()]


def fetch_tasks_state(conn: Connection, plan_id: int) -> dict[int, str]:
    """Return the state of each device's task, as far as the actor may read it."""
    statement = sa.text(
        "SELECT d.id, t.state FROM siting_devices AS d JOIN tasks AS t ON t.id = d.task_id WHERE d.plan_id = :plan"
    )
    return {int(row[0]): str(row[1]) for row in conn.execute(statement, {"plan": plan_id})}


def fetch_near_streets(conn: Connection, plan_id: int, srid: int) -> dict[int, str]:
    """Return the name of the nearest named street within 60 m of each device, where there is one."""
    statement = sa.text(
        "SELECT d.id, r.name FROM siting_devices AS d CROSS JOIN LATERAL ("
        "  SELECT r.name FROM roads AS r WHERE r.commune_id = d.commune_id AND r.name IS NOT NULL "
        "  AND r.geom && ST_Expand(d.geom, 0.001) "
        "  AND ST_DWithin(ST_Transform(r.geom, :srid), ST_Transform(d.geom, :srid), 60) "
        "  ORDER BY r.geom <-> d.geom, r.id LIMIT 1) AS r WHERE d.plan_id = :plan"
    )
    return {int(row[0]): str(row[1]) for row in conn.execute(statement, {"plan": plan_id, "srid": srid})}

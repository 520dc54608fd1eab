"""The register of hotspots: which step each is at, since when, whose it is, what is due; and the steps themselves.

Row-level security: the police read the hotspots and their steps, planners the views `hotspots_coarse` (the middle of
the street, no name) and `hotspot_steps_coarse` (no word, no unit), nobody else a row; an expired hotspot is gone for
all. Shapes are EPSG:4326; days are Vietnam's.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.engine import Connection

from gis_app.tables.hotspots import OPEN_STATES, STATES, USUAL_DAYS, hotspot_rules, hotspot_steps
from gis_app.tables.patrol import patrol_stops
from gis_app.tables.units import group_units, units
from gis_app.tables.visits import patrol_visits
from layers import LAYERS, table_of
from layers.base import POLICE

PAGE_ROWS = 15
STANDINGS = ("open", "late", *OPEN_STATES, "closed")
_S, _R, _G, _V = hotspot_steps.c, hotspot_rules.c, group_units.c, patrol_visits.c
_GROUPS = table_of(LAYERS["groups"])
_COARSE = sa.Table(
    "hotspot_steps_coarse",
    sa.MetaData(),
    *(sa.Column(name, _S[name].type) for name in ("id", "commune_id", "hotspot_id", "state", "on_day", "is_loaded")),
)
_TODAY = sa.func.vietnam_today()


@dataclass(frozen=True)
class Step:
    """A step: to which state, on which day; of a coarse reader without words, unit and task."""

    hotspot_id: int
    state: str
    on_day: dt.date
    is_loaded: bool
    note: str | None = None
    document: str | None = None
    unit: str | None = None
    task_id: int | None = None


@dataclass(frozen=True)
class Looks:
    """Visits of patrols at a hotspot: how many, and the last."""

    count: int
    last_on: dt.date


@dataclass(frozen=True)
class HotspotRow:
    """A hotspot in the register; `days`: from being found to today, or to its closing; `due_on` None: closed."""

    id: int
    version: int
    place: str | None
    klass: str
    severity: int
    state: str
    expires_on: dt.date | None
    lon: float
    lat: float
    group: str | None
    found_on: dt.date
    step_on: dt.date
    unit: str | None
    days: int
    due_on: dt.date | None
    days_late: int
    steps: Sequence[Step] = field(default=())
    looks: Looks | None = None

    @property
    def dates(self) -> Mapping[str, dt.date]:
        """State -> the day on which it was reached, of the present round: a way back forgets what came after."""
        found: dict[str, dt.date] = {}
        for step in self.steps:
            found = {state: day for state, day in found.items() if STATES.index(state) < STATES.index(step.state)}
            found[step.state] = step.on_day
        return found


@dataclass(frozen=True)
class Move:
    """A step that may follow."""

    from_state: str
    to_state: str
    needs_note: bool
    by_editors: bool


@dataclass(frozen=True)
class NewStep:
    """A step to write; no unit: the one that has the hotspot keeps it."""

    state: str
    on_day: dt.date
    note: str | None = None
    document: str | None = None
    unit_id: int | None = None
    task_id: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Which hotspots: by standing (a state, or all open or late ones), class, or one of them."""

    standing: str | None = "open"
    klass: str | None = None
    hotspot_id: int | None = None


def _register(role: str) -> Any:
    """One row a hotspot, as the role reads it."""
    h = table_of(LAYERS["hotspots"], role).alias("h")
    steps: Any = hotspot_steps if role in POLICE else _COARSE
    unit_id = steps.c.unit_id if role in POLICE else sa.cast(sa.null(), sa.BigInteger)
    last = (
        sa.select(steps.c.on_day, unit_id.label("unit_id"))
        .where(steps.c.hotspot_id == h.c.id).order_by(steps.c.id.desc()).limit(1).lateral("last")
    )  # fmt: skip
    first = sa.select(sa.func.min(steps.c.on_day)).where(steps.c.hotspot_id == h.c.id).scalar_subquery()
    home = (
        sa.select(_GROUPS.c.id, _GROUPS.c.name)
        .where(_GROUPS.c.commune_id == h.c.commune_id, _GROUPS.c.geom.op("&&", is_comparison=True)(h.c.geom),
               sa.func.ST_Intersects(_GROUPS.c.geom, h.c.geom))
        .order_by(_GROUPS.c.id).limit(1).lateral("home")
    )  # fmt: skip
    charge = (
        sa.select(_G.unit_id).where(_G.group_id == home.c.id, _G.from_on <= _TODAY)
        .order_by(_G.from_on.desc()).limit(1).lateral("charge")
    )  # fmt: skip
    step_on = sa.func.coalesce(last.c.on_day, _TODAY)
    found_on = sa.func.least(h.c.first_seen_on, first, step_on)
    given = sa.case(*((h.c.state == state, sa.func.coalesce(_R[f"{state}_days"], usual))
                      for state, usual in USUAL_DAYS.items()))  # fmt: skip
    due_on = sa.cast(step_on + given, sa.Date)
    until = sa.case((h.c.state == "closed", step_on), else_=_TODAY)
    return sa.select(
        h.c.id, h.c.version, h.c.place, h.c["class"].label("klass"), h.c.severity, h.c.state, h.c.expires_on,
        sa.func.ST_X(h.c.geom).label("lon"), sa.func.ST_Y(h.c.geom).label("lat"), home.c.name.label("group"),
        found_on.label("found_on"), step_on.label("step_on"), units.c.name.label("unit"),
        (until - found_on).label("days"), due_on.label("due_on"),
        sa.func.greatest(_TODAY - due_on, 0).label("days_late"),
    ).select_from(
        h.outerjoin(last, sa.true()).outerjoin(home, sa.true()).outerjoin(charge, sa.true())
        .outerjoin(hotspot_rules, _R.commune_id == h.c.commune_id)
        .outerjoin(units, units.c.id == sa.func.coalesce(last.c.unit_id, charge.c.unit_id))
    )  # fmt: skip


def _chosen(role: str, wanted: Wanted) -> Any:
    rows = _register(role).subquery("rows")
    c = rows.c
    conditions = []
    if wanted.standing == "open":
        conditions.append(c.state != "closed")
    elif wanted.standing == "late":
        conditions.append(c.days_late > 0)
    elif wanted.standing:
        conditions.append(c.state == wanted.standing)
    if wanted.klass:
        conditions.append(c.klass == wanted.klass)
    if wanted.hotspot_id is not None:
        conditions.append(c.id == wanted.hotspot_id)
    return rows, conditions


def fetch_register(
    conn: Connection, commune_id: int, role: str, wanted: Wanted, *, limit: int = PAGE_ROWS, offset: int = 0
) -> list[HotspotRow]:
    """Return hotspots, the longest overdue first, closed ones last and the newest of them first."""
    rows, conditions = _chosen(role, wanted)
    order = (rows.c.due_on.is_(None), rows.c.due_on, rows.c.step_on.desc(), rows.c.id)
    statement = sa.select(rows).where(*conditions).order_by(*order).limit(limit).offset(offset)
    found = conn.execute(statement).mappings().all()
    ids = [int(row["id"]) for row in found]
    steps = fetch_steps(conn, role, ids)
    looks = _fetch_looks(conn, commune_id, ids) if role in POLICE else {}
    return [HotspotRow(**row, steps=steps.get(row["id"], ()), looks=looks.get(row["id"])) for row in found]


def count_register(conn: Connection, role: str, klass: str | None = None) -> Mapping[str, int]:
    """Return how many hotspots (of a class) stand where: each state, all open ones, the late ones."""
    rows, conditions = _chosen(role, Wanted(None, klass))
    statement = sa.select(rows.c.state, sa.func.count(), sa.func.count().filter(rows.c.days_late > 0))
    counts = dict.fromkeys(STANDINGS, 0)
    for state, count, late in conn.execute(statement.where(*conditions).group_by(rows.c.state)):
        counts[state] = int(count)
        counts["late"] += int(late)
        counts["open"] += int(count) if state in OPEN_STATES else 0
    return counts


def fetch_steps(conn: Connection, role: str, ids: Sequence[int]) -> dict[int, list[Step]]:
    """Return the steps of hotspots, oldest first."""
    table: Any = hotspot_steps if role in POLICE else _COARSE
    c = table.c
    columns = [c.hotspot_id, c.state, c.on_day, c.is_loaded]
    source = table
    if role in POLICE:
        columns += [c.note, c.document, units.c.name, c.task_id]
        source = table.outerjoin(units, units.c.id == c.unit_id)
    found: dict[int, list[Step]] = {}
    for row in conn.execute(sa.select(*columns).select_from(source).where(c.hotspot_id.in_(ids)).order_by(c.id)):
        found.setdefault(int(row[0]), []).append(Step(*row))
    return found


def _fetch_looks(conn: Connection, commune_id: int, ids: Sequence[int]) -> dict[int, Looks]:
    """Return the visits of patrols at hotspots: a stop may hold several places."""
    s = patrol_stops.c
    keys = sa.func.jsonb_array_elements_text(s["keys"]).table_valued("value").lateral("part")
    seen_on = sa.cast(sa.func.timezone("Asia/Ho_Chi_Minh", sa.func.coalesce(_V.device_at, _V.received_at)), sa.Date)
    wanted = sa.literal([f"hotspot:{one}" for one in ids], ARRAY(sa.Text))
    statement = (
        sa.select(keys.c.value, sa.func.count(), sa.func.max(seen_on))
        .select_from(patrol_stops.join(patrol_visits, _V.stop_id == s.id).join(keys, sa.true()))
        .where(s.commune_id == commune_id, _V.reason.is_(None), keys.c.value == sa.any_(wanted))
        .group_by(keys.c.value)
    )
    return {int(key.partition(":")[2]): Looks(int(count), last_on) for key, count, last_on in conn.execute(statement)}


def fetch_moves(conn: Connection) -> list[Move]:
    """Return the steps that there are, the plain ones first."""
    text = sa.text("SELECT from_state, to_state, needs_note, by_editors FROM hotspot_moves() ORDER BY needs_note")
    return [Move(*row) for row in conn.execute(text)]


def find_jumps(conn: Connection, keys: Sequence[tuple[int, str]], wanted: Sequence[str | None]) -> dict[int, str]:
    """Which of these hotspots (commune, external id) cannot get the state wanted: position -> the state it has."""
    text = sa.text(
        "SELECT one.n - 1, h.state "
        "FROM unnest(CAST(:communes AS int[]), CAST(:ids AS text[]), CAST(:wanted AS text[])) WITH ORDINALITY "
        "AS one(commune_id, external_id, state, n) "
        "JOIN hotspots AS h ON h.commune_id = one.commune_id AND h.external_id = one.external_id "
        "WHERE h.state <> one.state AND hotspot_way(h.id, one.state) IS NULL ORDER BY one.n"
    )
    communes, ids = [key[0] for key in keys], [key[1] for key in keys]
    rows = conn.execute(text, {"communes": communes, "ids": ids, "wanted": list(wanted)})
    return {int(at): str(state) for at, state in rows}


def insert_step(conn: Connection, hotspot_id: int, version: int, step: NewStep) -> str:
    """Write a step; return what step_hotspot of migrations/sql/hotspot_steps.sql answers.

    Raises IntegrityError for a unit or task that is not the commune's, and for words that hold a personal number.
    """
    day, unit, task = (sa.cast(step.on_day, sa.Date), sa.cast(step.unit_id, sa.BigInteger),
                       sa.cast(step.task_id, sa.BigInteger))  # fmt: skip
    call = sa.func.step_hotspot(hotspot_id, version, step.state, day, step.note, step.document, unit, task)
    return str(conn.execute(sa.select(call)).scalar_one())


def fetch_rules(conn: Connection, commune_id: int) -> tuple[Mapping[str, int], int]:
    """Return the days that the commune gives each step, and the version (0: the usual days)."""
    row = conn.execute(sa.select(hotspot_rules).where(_R.commune_id == commune_id)).mappings().one_or_none()
    if row is None:
        return USUAL_DAYS, 0
    return {state: int(row[f"{state}_days"]) for state in USUAL_DAYS}, int(row["version"])


def upsert_rules(conn: Connection, commune_id: int, version: int, days: Mapping[str, int]) -> bool:
    """Write the days over the version that was seen; False: another has written since."""
    values = {f"{state}_days": count for state, count in days.items()}
    if version:
        statement = hotspot_rules.update().where(_R.commune_id == commune_id, _R.version == version).values(values)
        return conn.execute(statement).rowcount == 1
    added = insert(hotspot_rules).values(commune_id=commune_id, **values)
    return conn.execute(added.on_conflict_do_nothing(index_elements=["commune_id"])).rowcount == 1


def count_period(conn: Connection, from_on: dt.date, to_on: dt.date) -> tuple[int, int] | None:
    """Return (open at some time of the period, handled in it); None: too few to be told outside the police."""
    call = sa.func.count_hotspots(from_on, to_on).table_valued("total", "handled")
    row = conn.execute(sa.select(call.c.total, call.c.handled)).one()
    return None if row.total is None else (int(row.total), int(row.handled))

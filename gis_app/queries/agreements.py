"""Agreements with neighbouring communes. Row-level security shows each commune its own, whichever side it is.

Every change goes through a function of migrations/sql/agreements.sql that checks commune, role, person and state
again and answers with one word, the outcome. Geometry is EPSG:4326 (lon, lat).
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.features import DECIMALS
from gis_app.tables import agreements
from layers import LAYERS, shared_view_of
from layers.base import Layer

# Who may propose and end; who may approve for the other side: its leadership (DOMAIN.md: a second person approves).
PROPOSERS = ("admin", "committee", "data")
APPROVERS = ("admin", "committee")
MIN_WIDTH_M, MAX_WIDTH_M = 50, 1000

_A = agreements.c


@dataclass(frozen=True)
class Touching:
    """A commune whose outline lies within 50 m of the actor's: public facts only."""

    id: int
    code: str
    full_name: str


@dataclass(frozen=True)
class Proposal:
    """What one commune proposes to another: metres inside each boundary, layer names, the last day (inclusive)."""

    commune_id: int
    width_m: int
    layers: Sequence[str]
    ends_on: dt.date


@dataclass(frozen=True)
class Agreement:
    """An agreement as one side sees it.

    `state` is proposed, approved or ended, where past the last day counts as ended; `is_ours`: the actor's commune
    proposed it; `center` is a point on the strip (lon, lat), None until it is approved.
    """

    id: int
    version: int
    state: str
    is_ours: bool
    neighbour_id: int
    neighbour_name: str
    width_m: int
    layers: Sequence[str]
    proposed_on: dt.date
    ends_on: dt.date
    approved_at: dt.datetime | None
    ended_at: dt.datetime | None
    center: tuple[float, float] | None = None


def shareable_layers() -> list[Layer]:
    """The layers that an agreement may name."""
    return [layer for layer in LAYERS.values() if layer.shareable]


def fetch_touching(conn: Connection) -> list[Touching]:
    """Return the communes that the actor's commune may propose to, in Vietnamese name order."""
    rows = conn.execute(sa.text("SELECT id, code, full_name FROM touching_communes()"))
    return [Touching(*row) for row in rows]


def fetch_today(conn: Connection) -> dt.date:
    """Return the day in Vietnam by the database's clock, which decides when an agreement ends."""
    today: dt.date = conn.execute(sa.select(sa.func.vietnam_today())).scalar_one()
    return today


def _in_force() -> sa.ColumnElement[bool]:
    return _A.ends_on >= sa.func.vietnam_today()


def fetch_agreements(conn: Connection, commune_id: int, agreement_id: int | None = None) -> list[Agreement]:
    """Return the agreements of the actor's commune, newest first; with `agreement_id` that one, or none."""
    ours = _A.commune_a == commune_id
    spot = sa.func.ST_PointOnSurface(_A.strip)
    statement = sa.select(
        _A.id,
        _A.version,
        sa.case((_in_force(), _A.state), else_="ended"),
        ours,
        sa.case((ours, _A.commune_b), else_=_A.commune_a),
        sa.case((ours, _A.name_b), else_=_A.name_a),
        _A.width_m,
        _A.layers,
        _A.proposed_on,
        _A.ends_on,
        _A.approved_at,
        _A.ended_at,
        sa.func.ST_X(spot),
        sa.func.ST_Y(spot),
    ).where(sa.or_(ours, _A.commune_b == commune_id))
    if agreement_id is not None:
        statement = statement.where(_A.id == agreement_id)
    return [_agreement(row) for row in conn.execute(statement.order_by(_A.id.desc()))]


def _agreement(row: Sequence[Any]) -> Agreement:
    *values, lon, lat = row
    center = None if lon is None else (lon, lat)
    return dataclasses.replace(Agreement(*values), center=center)


def fetch_strip(conn: Connection, agreement_id: int) -> str | None:
    """Return the strip of an approved agreement in force as GeoJSON text; None if nothing is shared."""
    statement = sa.select(sa.func.ST_AsGeoJSON(_A.strip, DECIMALS))
    statement = statement.where(_A.id == agreement_id, _A.state == "approved", _in_force())
    strip: str | None = conn.execute(statement).scalar_one_or_none()
    return strip


def insert_agreement(conn: Connection, proposal: Proposal) -> tuple[str, int | None]:
    """Propose; return the outcome (proposed, role, not_neighbour, exists) and the new agreement's id."""
    call = sa.func.propose_agreement(
        proposal.commune_id,
        proposal.width_m,
        sa.cast(list(proposal.layers), sa.ARRAY(sa.Text)),
        proposal.ends_on,
    ).table_valued("outcome", "agreement_id")
    row = conn.execute(sa.select(call.c.outcome, call.c.agreement_id)).one()
    return row.outcome, row.agreement_id


def update_approved(conn: Connection, agreement_id: int, version: int) -> str:
    """Approve; return approved, role, missing, stale, not_proposed, own_side, same_person or no_strip."""
    return str(conn.execute(sa.select(sa.func.approve_agreement(agreement_id, version))).scalar_one())


def update_ended(conn: Connection, agreement_id: int, version: int) -> str:
    """End; return ended, role, missing, stale or ended_before."""
    return str(conn.execute(sa.select(sa.func.end_agreement(agreement_id, version))).scalar_one())


def update_expired(conn: Connection) -> int:
    """Write down the end of agreements whose last day has passed (the daily job's, in no commune); return how many."""
    return int(conn.execute(sa.select(sa.func.close_expired_agreements())).scalar_one())


def shared_columns(layer: Layer) -> list[str]:
    """The properties of a shared row."""
    return ["external_id", *(f.name for f in layer.shared_fields)]


def shared_rows(layer: Layer, agreement_id: int, *, after: int = 0, limit: int | None = None) -> sa.Select[Any]:
    """Rows (geom, id, properties) that the neighbour shares of a layer, clipped to the strip, by id.

    The view has none where the agreement is not approved, has ended, or does not name the layer.
    """
    view = shared_view_of(layer)
    columns = [view.c.geom, view.c.id, *(view.c[name] for name in shared_columns(layer))]
    statement = sa.select(*columns).where(view.c.agreement_id == agreement_id, view.c.id > after)
    return statement.order_by(view.c.id).limit(limit)

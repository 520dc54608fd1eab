"""An invented commune that touches a demonstration commune, and their agreement, made by the steps of the product."""

import datetime as dt

from pyproj import Transformer
from sqlalchemy.engine import Connection, Engine

from gis_app.analysis.town.beside import CODE, beside_rows
from gis_app.crs import STORED
from gis_app.db import Actor, begin
from gis_app.jobs.demo import SOURCE, stored
from gis_app.queries import agreements as q
from gis_app.queries.communes import fetch_commune
from gis_app.queries.demo_work import fetch_outline
from gis_app.queries.loading import insert_rows
from layers import LAYERS

NEIGHBOUR_ID = int(CODE)
WIDTH_M = 300
AGREED = dt.timedelta(days=180)


def load_neighbour(conn: Connection, beside_id: int) -> int:
    """Insert the commune beside another (owner rights); return how many rows."""
    beside = fetch_commune(conn, beside_id)
    if beside is None:
        raise LookupError(beside_id)
    outline, gates = fetch_outline(conn, beside_id, beside.metric_srid)
    to_stored = Transformer.from_crs(beside.metric_srid, STORED, always_xy=True)
    count = 0
    for name, rows in beside_rows(outline, gates, beside.metric_srid).items():
        found = [(row.external_id, stored(row.geom, to_stored), row.properties) for row in rows]
        count += insert_rows(conn, LAYERS[name], NEIGHBOUR_ID, found, SOURCE)
    return count


def agree(engine: Engine, beside_id: int, proposer: str, approver: str) -> int:
    """One committee proposes, the other's approves (the web's rights); return the agreement's id."""
    layers = [layer.name for layer in q.shareable_layers()]
    with begin(engine, Actor("committee", beside_id, proposer)) as conn:
        proposal = q.Proposal(NEIGHBOUR_ID, WIDTH_M, layers, q.fetch_today(conn) + AGREED)
        said, agreement_id = q.insert_agreement(conn, proposal)
    if agreement_id is None:
        raise RuntimeError(said)
    with begin(engine, Actor("committee", NEIGHBOUR_ID, approver)) as conn:
        (found,) = q.fetch_agreements(conn, NEIGHBOUR_ID, agreement_id)
        said = q.update_approved(conn, agreement_id, found.version)
    if said != "approved":
        raise RuntimeError(said)
    return agreement_id

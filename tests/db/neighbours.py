"""A third commune east of "Xã Bên", people of all three, rows along the boundary of the first two, and helpers."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine
from werkzeug.test import TestResponse

from gis_app.db import Actor, begin
from gis_app.jobs.accounts import set_account
from gis_app.queries.agreements import shareable_layers
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import BEN, MAU, PASSWORD, SIDE_M, SampleCommune, make_commune, sample_row
from tests.db.test_writes import Officer

KHE = SampleCommune(90003, "Khe", "KHE3", BEN.x + SIDE_M, BEN.y)
EXTRA_CAST = {
    "mai": ("committee", BEN),
    "nam": ("patrol", BEN),
    "khanh": ("committee", KHE),
    "khoa": ("data", KHE),
    "thu": ("planner", KHE),
}
ALL_LAYERS = [layer.name for layer in shareable_layers()]
# Metres from Xã Bên's western boundary, which is Xã Mẫu's eastern one; the agreements below are 300 m wide.
WIDTH_M = 300
ClientAs = Callable[[str | None], FlaskClient]


def insert_extra(conn: Connection, place: SampleCommune, name: str, rows: Mapping[str, Any], **values: Any) -> None:
    """Rows of a layer at given shapes; external ids start with the commune's marker and `-x`."""
    layer = LAYERS[name]
    made = []
    for key, shape in rows.items():
        _, _, filled = sample_row(layer, place, **values)
        made.append((f"{place.marker}-x-{key}", shape, filled))
    insert_rows(conn, layer, place.id, made, "test")


def insert_boundary_rows(conn: Connection, place: SampleCommune, inward: Callable[[float], float]) -> None:
    """Inside the strip, outside it, and across its edge; `inward(m)` is the easting `m` metres behind the boundary."""
    spots = {"in": place.at(inward(120), 1250), "out": place.at(inward(420), 1250)}
    insert_extra(conn, place, "cameras", spots, state="working")
    insert_extra(conn, place, "gateways", spots)
    insert_extra(conn, place, "key_routes", {"cross": place.line((inward(20), 1250), (inward(900), 1250))})
    # Two short streets: one in the strip, one whose middle lies outside it.
    streets = {
        "near": place.line((inward(100), 1700), (inward(200), 1700)),
        "edge": place.line((inward(280), 1900), (inward(480), 1900)),
    }
    insert_extra(conn, place, "roads", streets)
    hotspots = {"in": place.at(inward(130), 1712), "edge": place.at(inward(290), 1905)}
    insert_extra(conn, place, "hotspots", hotspots, expires_on=None)
    insert_extra(conn, place, "hotspots", {"old": place.at(inward(140), 1690)}, expires_on=dt.date(2026, 1, 1))


def make_neighbourhood(engine: Engine) -> None:
    """Insert all of it."""
    with begin(engine, Actor("system")) as conn:
        make_commune(conn, KHE)
        insert_boundary_rows(conn, MAU, lambda m: SIDE_M - m)
        insert_boundary_rows(conn, BEN, lambda m: m)
        for username, (role, place) in EXTRA_CAST.items():
            set_account(conn, username, PASSWORD, role, place.id)


def drop_neighbourhood(engine: Engine) -> None:
    """Leave the sample database as it was."""
    with begin(engine, Actor("system")) as conn:
        clear_agreements(conn)
        conn.execute(sa.text("DELETE FROM accounts WHERE username = ANY(:names)"), {"names": list(EXTRA_CAST)})
        for name in sorted(LAYERS, key=lambda n: LAYERS[n].tenant):
            if LAYERS[name].tenant:
                # What was known of groups outlives their rows.
                conn.execute(sa.text(f"DELETE FROM group_statuses WHERE commune_id = {KHE.id}"))
                conn.execute(sa.text(f"DELETE FROM place_classes WHERE commune_id = {KHE.id}"))
            conn.execute(sa.text(f"DELETE FROM {name} WHERE external_id LIKE '%-x-%' OR commune_id = {KHE.id}"))
        conn.execute(sa.text(f"DELETE FROM layer_versions WHERE commune_id = {KHE.id}"))


def clear_agreements(conn: Connection) -> None:
    """No agreement, and no trace of one."""
    conn.execute(sa.text("DELETE FROM agreements"))
    conn.execute(sa.text("DELETE FROM notices WHERE kind = 'agreement_proposed'"))
    conn.execute(sa.text("DELETE FROM audit_entries"))
    conn.execute(sa.text("DELETE FROM idempotency_keys"))


def proposal(to: SampleCommune = BEN, **values: Any) -> dict[str, Any]:
    """A body that proposes everything for a month."""
    ends_on = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    return {"commune_id": to.id, "width_m": WIDTH_M, "layers": ALL_LAYERS, "ends_on": ends_on} | values


@dataclass
class Sides:
    """Hoa proposes for Xã Mẫu, Mai approves for Xã Bên."""

    hoa: Officer
    mai: Officer

    def propose(self, **values: Any) -> TestResponse:
        """Hoa's proposal."""
        return self.hoa.send("POST", "/api/agreements", proposal(**values), Idempotency_Key=uuid4().hex)

    def agree(self, **values: Any) -> int:
        """An agreement in force."""
        made = self.propose(**values)
        assert made.status_code == 201, made.text
        answer = step(self.mai, made.json["id"], "approve", 1)
        assert answer.status_code == 200, answer.text
        return int(made.json["id"])


def step(officer: Officer, agreement_id: int, what: str, version: int) -> TestResponse:
    """Approve or end."""
    address = f"/api/agreements/{agreement_id}/{what}"
    return officer.send("POST", address, {}, If_Match=f'"{version}"', Idempotency_Key=uuid4().hex)


def expire(engine: Engine, agreement_id: int) -> None:
    """Let the last day be yesterday, as if time had passed."""
    with begin(engine, Actor("system")) as conn:
        conn.execute(
            sa.text(
                "UPDATE agreements SET proposed_on = vietnam_today() - 30, ends_on = vietnam_today() - 1 WHERE id = :id"
            ),
            {"id": agreement_id},
        )


def doors(agreement_id: int) -> list[str]:
    """Every address that answers with shared rows."""
    base = f"/api/agreements/{agreement_id}"
    features = [f"{base}/layers/{name}/features" for name in ALL_LAYERS]
    gaps = [f"{base}/gaps?places={places}&devices=cameras&distance_m=1" for places in ("gateways", "hotspots")]
    both = [f"{base}/layers/{name}/both" for name in ("cameras", "lights", "gateways", "hotspots")]
    return [*features, *both, *(f"{a}?f=csv" for a in features), *gaps, *(f"{a}&f=csv" for a in gaps)]

"""T-C8: a neighbour sees the agreed layers in the agreed strip until the agreed day, both ways, and nothing else."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from shapely.geometry import shape
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.queries.agreements import shared_rows
from layers import LAYERS, shared_view_of
from layers.base import Layer
from migrations.helpers import shared_rules_of, shared_statements
from tests.builders import BEN, MAU, SIDE_M
from tests.db import neighbours as nb
from tests.db.test_writes import Officer

SHAREABLE = [layer for layer in LAYERS.values() if layer.shareable]
# A degree of latitude in metres; an error of rounding stays far below this.
TINY_DEG = 1e-7
# Somewhere in EPSG:9210.
ORIGIN = np.array([600_000.0, 2_300_000.0])


@pytest.fixture(scope="module")
def place(owner_engine: Engine) -> Iterator[Engine]:
    nb.make_neighbourhood(owner_engine)
    yield owner_engine
    nb.drop_neighbourhood(owner_engine)


@pytest.fixture
def sides(place: Engine, client_as: nb.ClientAs) -> Iterator[nb.Sides]:
    yield nb.Sides(Officer(client_as("hoa")), Officer(client_as("mai")))
    with begin(place, Actor("system")) as conn:
        nb.clear_agreements(conn)


def strip_of(officer: Officer, agreement_id: int) -> Any:
    return shape(officer.client.get(f"/api/agreements/{agreement_id}").json["strip"])


def features(officer: Officer, agreement_id: int, layer: str) -> list[dict[str, Any]]:
    answer = officer.client.get(f"/api/agreements/{agreement_id}/layers/{layer}/features")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["features"]
    return found


def test_nothing_before_approval(sides: nb.Sides) -> None:
    number = sides.propose().json["id"]
    for officer in (sides.hoa, sides.mai):
        assert officer.client.get(f"/api/agreements/{number}").json["strip"] is None
        for address in nb.doors(number):
            text = officer.client.get(address).text
            assert MAU.marker not in text, address
            assert BEN.marker not in text, address


@pytest.mark.parametrize("layer", SHAREABLE, ids=lambda layer: layer.name)
def test_both_ways_the_strip_and_no_more(layer: Layer, sides: nb.Sides) -> None:
    number = sides.agree()
    strip = strip_of(sides.hoa, number).buffer(TINY_DEG)
    for officer, own, other in ((sides.hoa, MAU, BEN), (nb_nam(sides), BEN, MAU)):
        found = features(officer, number, layer.name)
        assert found, layer.name
        text = officer.client.get(f"/api/agreements/{number}/layers/{layer.name}/features").text
        assert own.marker not in text
        # A hotspot shows no text of its own at all.
        assert (other.marker in text) != bool(layer.coarse_readers)
        for feature in found:
            assert strip.covers(shape(feature["geometry"])), feature
            assert not shape(feature["geometry"]).is_empty


def nb_nam(sides: nb.Sides) -> Officer:
    """Nam, patrol leader of Xã Bên: hotspots are not for its committee."""
    client = sides.mai.client.application.test_client()
    client.post("/api/session", json={"username": "nam", "password": nb.PASSWORD})
    return Officer(client)


def test_rows_outside_the_strip_stay_away(sides: nb.Sides) -> None:
    number = sides.agree()
    numbers = {f["properties"]["external_id"] for f in features(sides.hoa, number, "cameras")}
    assert numbers == {"BEN2-x-in"}
    table = sides.hoa.client.get(f"/api/agreements/{number}/layers/cameras/features?f=csv").text
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert [row["external_id"] for row in rows] == ["BEN2-x-in"]
    lights = {f["properties"]["external_id"] for f in features(sides.hoa, number, "lights")}
    # Every 100 m from the boundary; the one at 300 m stands on the very edge.
    assert {"BEN2-l1", "BEN2-l2"} <= lights <= {"BEN2-l1", "BEN2-l2", "BEN2-l3"}


def test_lines_are_cut_off_at_the_strip(sides: nb.Sides) -> None:
    number = sides.agree()
    (route,) = [
        f for f in features(sides.hoa, number, "key_routes") if f["properties"]["external_id"] == "BEN2-x-cross"
    ]
    line = shape(route["geometry"])
    west, east = BEN.at(20, 1250), BEN.at(nb.WIDTH_M, 1250)
    assert abs(line.bounds[0] - west.x) < 1e-6
    assert abs(line.bounds[2] - east.x) < 1e-5


def test_hotspots_are_shared_by_their_street(sides: nb.Sides) -> None:
    number = sides.agree()
    (spot,) = features(sides.hoa, number, "hotspots")
    assert spot["properties"]["external_id"] is None
    assert set(spot["properties"]) == {"external_id", "class", "severity", "state"}
    middle = BEN.at(150, 1700)
    assert shape(spot["geometry"]).distance(middle) < 1e-6


@pytest.mark.parametrize(
    ("username", "layer", "status"),
    [("chi", "hotspots", 403), ("binh", "hotspots", 200), ("chi", "cameras", 200), ("lan", "hotspots", 403)],
)
def test_a_neighbours_rows_have_the_readers_of_the_own(
    username: str, layer: str, status: int, sides: nb.Sides, client_as: nb.ClientAs
) -> None:
    number = sides.agree()
    answer = client_as(username).get(f"/api/agreements/{number}/layers/{layer}/features")
    assert answer.status_code == status


def test_only_agreed_layers(sides: nb.Sides, conn_as: Callable[[str], Connection]) -> None:
    number = sides.agree(layers=["lights"])
    assert features(sides.hoa, number, "lights")
    for name in set(nb.ALL_LAYERS) - {"lights"}:
        answer = sides.hoa.client.get(f"/api/agreements/{number}/layers/{name}/features")
        assert (answer.status_code, answer.json["code"]) == (403, "layer_not_agreed")
    gaps = f"/api/agreements/{number}/gaps?places=gateways&devices=lights&distance_m=1"
    assert sides.hoa.client.get(gaps).status_code == 403
    assert sides.hoa.client.get(f"/api/agreements/{number}/layers/groups/features").status_code == 403
    conn = conn_as("hoa")
    for layer in SHAREABLE:
        count = conn.execute(sa.select(sa.func.count()).select_from(shared_view_of(layer))).scalar_one()
        assert bool(count) == (layer.name == "lights"), layer.name


@pytest.mark.parametrize("how", ["expired", "ended here", "ended there"])
def test_after_the_end_there_is_nothing(
    how: str, sides: nb.Sides, place: Engine, conn_as: Callable[[str], Connection]
) -> None:
    number = sides.agree()
    assert features(sides.hoa, number, "cameras")
    if how == "expired":
        nb.expire(place, number)
    else:
        assert nb.step(sides.hoa if how == "ended here" else sides.mai, number, "end", 2).status_code == 200
    for officer in (sides.hoa, sides.mai):
        assert officer.client.get(f"/api/agreements/{number}").json["state"] == "ended"
        assert officer.client.get(f"/api/agreements/{number}").json["strip"] is None
        for address in nb.doors(number):
            text = officer.client.get(address).text
            assert MAU.marker not in text, address
            assert BEN.marker not in text, address
    for layer in SHAREABLE:
        assert conn_as("hoa").execute(shared_rows(layer, number)).all() == []


def test_a_third_commune_and_strangers_see_nothing(
    sides: nb.Sides, client_as: nb.ClientAs, conn_as: Callable[[str], Connection], engine: Engine
) -> None:
    number = sides.agree()
    for username in ("khoa", "khanh", "thu"):
        client = client_as(username)
        assert client.get("/api/agreements").json == {"agreements": []}
        for address in [f"/api/agreements/{number}", *nb.doors(number)]:
            foreign, missing = client.get(address), client.get(address.replace(f"/{number}", "/999999999"))
            assert foreign.status_code == missing.status_code
            assert foreign.status_code in (403, 404), address
            assert foreign.json["title"] == missing.json["title"]
    officer = Officer(client_as("khanh"))
    assert [nb.step(officer, number, what, 2).status_code for what in ("approve", "end")] == [404, 404]
    for address in ["/api/agreements", "/giap-ranh", f"/api/agreements/{number}", *nb.doors(number)]:
        assert client_as(None).get(address).status_code == 401, address
    with engine.connect() as conn:
        for actor in (None, Actor("data", nb.KHE.id, "khoa"), Actor("tip", MAU.id), Actor("data", None, "hoa")):
            if actor is not None:
                act_as(conn, actor)
            names = ["agreements", "commune_grants", *(f"shared_{name}" for name in nb.ALL_LAYERS)]
            for name in names:
                assert conn.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() == 0, (actor, name)


@pytest.mark.parametrize("number", [0, 999_999, 2**62, 2**63, 10**30])
def test_guessed_numbers(number: int, sides: nb.Sides) -> None:
    assert sides.hoa.client.get(f"/api/agreements/{number}").status_code == 404
    assert sides.hoa.client.get(f"/api/agreements/{number}/layers/cameras/features").status_code == 404
    assert nb.step(sides.hoa, number, "end", 1).status_code == 404


def test_ordinary_doors_stay_closed(sides: nb.Sides, conn_as: Callable[[str], Connection]) -> None:
    sides.agree()
    conn = conn_as("hoa")
    for layer in LAYERS.values():
        text = sides.hoa.client.get(f"/api/layers/{layer.name}/features?limit=10000").text
        assert BEN.marker not in text
        assert conn.execute(sa.text(f"SELECT count(*) FROM {layer.name} WHERE commune_id = {BEN.id}")).scalar_one() == 0
    assert BEN.marker not in sides.hoa.client.get("/api/search?q=BEN2").text


@pytest.mark.parametrize("width_m", [50, 300, 1000])
def test_random_points_in_the_strip_and_only_those(width_m: int, sides: nb.Sides, place: Engine) -> None:
    """Metres from the boundary decide; half of the points lie within 3 m of the strip's inner edge."""
    number = sides.agree(width_m=width_m, layers=["lights"])
    rng = np.random.default_rng(width_m)
    near_edge = width_m + rng.uniform(-3, 3, 150)
    east = np.concatenate([near_edge, rng.uniform(0, SIDE_M, 150)])
    north = rng.uniform(0, SIDE_M, 300)
    spots = {str(n): BEN.at(x, y) for n, (x, y) in enumerate(zip(east, north, strict=True))}
    with begin(place, Actor("system")) as conn:
        nb.insert_extra(conn, BEN, "lights", spots)
    try:
        found = {f["properties"]["external_id"] for f in features(sides.hoa, number, "lights")}
    finally:
        with begin(place, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM lights WHERE external_id LIKE '%-x-%'"))
    # Corners come as lon, lat with rounding: 2 cm on either side of the edge are left out.
    inside = {f"BEN2-x-{n}" for n, x in enumerate(east) if x < width_m - 0.02}
    outside = {f"BEN2-x-{n}" for n, x in enumerate(east) if x > width_m + 0.02}
    assert inside
    assert inside <= found
    assert not outside & found


@pytest.mark.parametrize("gap_m", [0.0, 30.0, 49.0, 51.0])
def test_a_gap_between_outlines_keeps_the_width(gap_m: float, place: Engine) -> None:
    """Two outlines that a river keeps apart: the strip is as deep as agreed on both sides, never deeper."""
    jagged = [(40 * (n % 3), 60.0 * n) for n in range(20)]
    left = shapely.Polygon([(-3000, 0), *jagged, (-3000, 1140)])
    right = shapely.Polygon([(3000, 0), *((x + gap_m, y) for x, y in jagged), (3000, 1140)])
    with place.connect() as conn:
        act_as(conn, Actor("system"))
        query = (
            "INSERT INTO communes (id, code, name, full_name, kind, metric_srid, geom) VALUES (:id, CAST(:id AS text), "
            "'x', 'x', 'ward', 9210, ST_Transform(ST_Multi(ST_GeomFromText(:wkt, 9210)), 4326))"
        )
        for number, outline in ((90011, left), (90012, right)):
            moved = shapely.transform(outline, lambda c: c + ORIGIN)
            conn.execute(sa.text(query), {"id": number, "wkt": moved.wkt})
        wkt = conn.execute(
            sa.text("SELECT ST_AsText(ST_Transform(boundary_strip(90011, 90012, 200), 9210))")
        ).scalar_one()
        conn.rollback()
    apart = left.distance(right)
    if apart > 50:
        assert wkt is None
        return
    strip = shapely.transform(shapely.from_wkt(wkt), lambda c: c - ORIGIN)
    assert left.union(right).buffer(0.05).covers(strip)
    for own, other in ((left, right), (right, left)):
        part = strip.intersection(own.buffer(-0.01))
        depth = max(other.distance(shapely.Point(c)) for c in shapely.get_coordinates(part)) - apart
        assert depth <= 200.1
        assert own.intersection(other.buffer(199 + apart)).difference(strip.buffer(0.1)).area < 1


@pytest.mark.parametrize("layer", SHAREABLE, ids=lambda layer: layer.name)
def test_views_are_what_the_layer_file_says(layer: Layer, place: Engine) -> None:
    query = sa.text(f"SELECT pg_get_viewdef('shared_{layer.name}'::regclass)")
    with place.connect() as conn:
        found = conn.execute(query).scalar_one()
        options = conn.execute(
            sa.text(f"SELECT reloptions, pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'shared_{layer.name}'")
        ).one()
        conn.execute(sa.text(f"DROP VIEW shared_{layer.name}"))
        for statement in shared_statements(layer.name, **shared_rules_of(layer)):
            conn.execute(sa.text(statement))
        assert found == conn.execute(query).scalar_one()
        conn.rollback()
    assert tuple(options) == (["security_barrier=true"], "gis_owner")
    assert not layer.tenant
    assert all(f.readers is None for f in layer.shared_fields)

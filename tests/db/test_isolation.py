"""Nothing of another commune in tiles and in the database itself; who reads what inside the own commune.

Every registered address × every role is in test_isolation_matrix.py.
"""

from collections.abc import Callable

import mapbox_vector_tile
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import NOBODY, Actor, act_as, begin
from gis_app.queries.loading import insert_rows
from layers import LAYERS, table_of
from tests.builders import BEN, MAU, sample_row, tile_of


@pytest.mark.parametrize("layer", LAYERS)
def test_tiles_hold_own_rows_only(layer: str, client_as: Callable[[str | None], FlaskClient]) -> None:
    seen: dict[str, set[int]] = {"hoa": set(), "giang": set()}
    spots = [place.at(*at) for place in (MAU, BEN) for at in ((1500, 1500), (500, 500), (2990, 2990))]
    tiles = {tile_of(spot, z) for spot in spots for z in (9, 12, 14, 15)}
    for username in ("hoa", "giang"):
        client = client_as(username)
        for z, x, y in sorted(tiles):
            answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}")
            assert answer.status_code == 200
            decoded = mapbox_vector_tile.decode(answer.data) if answer.data else {}
            for content in decoded.values():
                seen[username].update(f["id"] for f in content["features"])
                marker = BEN.marker if username == "hoa" else MAU.marker
                assert marker not in str([f["properties"] for f in content["features"]])
    assert seen["hoa"]
    assert seen["giang"]
    assert not seen["hoa"] & seen["giang"]


@pytest.mark.parametrize("name", [*LAYERS, "accounts", "sessions", "audit_entries", "tile_cache", "layer_versions"])
def test_without_an_actor_nothing_is_served(name: str, engine: Engine) -> None:
    with engine.connect() as conn:
        assert conn.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() == 0
        act_as(conn, NOBODY)
        assert conn.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() == 0


@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "communes"])
def test_nobody_writes_into_another_commune(layer: str, conn_as: Callable[[str], Connection]) -> None:
    conn = conn_as("giang")
    table = table_of(LAYERS[layer])
    changed = conn.execute(sa.update(table).values(source="stolen").where(table.c.commune_id == MAU.id)).rowcount
    assert changed == 0
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        conn.execute(sa.update(table).values(commune_id=MAU.id))


def test_committee_reads_no_hotspot(client_as: Callable[[str | None], FlaskClient]) -> None:
    client = client_as("chi")
    assert client.get("/api/layers/hotspots/features").status_code == 403
    assert client.get("/tiles/hotspots/14/13046/7225").status_code == 403
    assert client.get("/api/gaps?places=hotspots&devices=cameras&distance_m=50").status_code == 403
    assert "hotspots" not in {layer["name"] for layer in client.get("/api/layers").json["layers"]}


def test_tiny_counts_are_for_police_roles(client_as: Callable[[str | None], FlaskClient]) -> None:
    def properties(username: str) -> dict[str, object]:
        found = client_as(username).get("/api/layers/groups/features").json["features"][0]["properties"]
        assert isinstance(found, dict)
        return found

    assert properties("an")["exempt_count"] == 1
    assert "exempt_count" not in properties("chi")
    assert "exempt_count" not in properties("binh")


def test_police_facilities_are_hidden_from_others(
    owner_engine: Engine, client_as: Callable[[str | None], FlaskClient]
) -> None:
    layer = LAYERS["facilities"]
    row = sample_row(layer, MAU, visibility="police", name="MAU1 kín")
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, layer, MAU.id, [("MAU1-kin", row[1], row[2])], "test")
    try:
        assert "MAU1 kín" in client_as("an").get("/api/layers/facilities/features").text
        assert "MAU1 kín" not in client_as("binh").get("/api/layers/facilities/features").text
        assert "MAU1 kín" not in client_as("binh").get("/api/search?q=kin").text
    finally:
        with owner_engine.begin() as conn:
            conn.execute(sa.text("DELETE FROM facilities WHERE external_id = 'MAU1-kin'"))


def test_planners_see_hotspots_on_their_street_only(
    owner_engine: Engine, client_as: Callable[[str | None], FlaskClient]
) -> None:
    """Exact for police roles; the middle of the street segment, without its name, for planners; by any query."""
    exact = {f["id"]: f for f in client_as("an").get("/api/layers/hotspots/features").json["features"]}
    planner = client_as("binh")
    coarse = {f["id"]: f for f in planner.get("/api/layers/hotspots/features").json["features"]}
    assert set(exact) == set(coarse)
    for number, feature in coarse.items():
        assert feature["properties"]["place"] is None
        assert feature["geometry"] != exact[number]["geometry"]
        # The sample's streets are one segment each: 3 km long, so the middle lies at 1.5 km.
        lon, lat = feature["geometry"]["coordinates"]
        middles = [MAU.at(*at) for step in range(7) for at in ((1500, 500 * step), (500 * step, 1500))]
        assert min(abs(lon - m.x) + abs(lat - m.y) for m in middles) < 1e-5
    lon, lat = exact[min(exact)]["geometry"]["coordinates"]
    near = planner.get(f"/api/layers/hotspots/features?near={lon},{lat}&distance_m=5").json["features"]
    assert near == []
    found = planner.get("/api/search?q=MAU1 gan").json["results"]
    assert "hotspots" not in {result["layer"] for result in found}


def test_an_expired_hotspot_is_gone_for_all(
    owner_engine: Engine, client_as: Callable[[str | None], FlaskClient]
) -> None:
    def numbers(username: str) -> set[int]:
        client = client_as(username)
        found = {f["id"] for f in client.get("/api/layers/hotspots/features").json["features"]}
        z, x, y = tile_of(MAU.at(540, 500), 14)
        tile = mapbox_vector_tile.decode(client.get(f"/tiles/hotspots/{z}/{x}/{y}").data)
        return found | {f["id"] for f in tile.get("hotspots", {}).get("features", [])}

    query = "UPDATE hotspots SET expires_on = {} WHERE external_id = 'MAU1-h-gan' RETURNING id"
    before = {name: numbers(name) for name in ("an", "binh", "hoa")}
    with owner_engine.begin() as conn:
        gone = conn.execute(sa.text(query.format("current_date - 1"))).scalar_one()
    try:
        for name, seen in before.items():
            assert gone in seen
            assert gone not in numbers(name), name
    finally:
        with owner_engine.begin() as conn:
            conn.execute(sa.text(query.format("NULL")))

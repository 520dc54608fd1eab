"""Tiles: what they hold, that the index is read under row-level security, that nothing stale or foreign is ready."""

import gzip
import json
from collections.abc import Callable, Iterator

import mapbox_vector_tile
import pytest
import shapely
import sqlalchemy as sa
from flask.testing import FlaskClient
from shapely.geometry import shape
from sqlalchemy.engine import Connection, Engine

from gis_app.db import APP_ROLE, Actor, act_as, asking, begin
from gis_app.queries.loading import insert_rows
from gis_app.queries.ready_tiles import COARSE_BY, KEEP_BYTES, TODAY, Tile, counted_in, fetch_ready_tile
from gis_app.queries.tiles import BUFFER, EXTENT, TileKey, audience_of, tile_text, tile_values
from gis_app.web import tile_answers as web_tiles
from gis_app.web.tile_memory import FRESH_S, Shelf, TileMemory
from layers import LAYERS
from layers.base import ROLES
from tests.builders import MAU, sample_row, tile_of

MIDDLE = MAU.at(1500, 1500)
MANY = 100_000
Client = Callable[[str | None], FlaskClient]


def address(layer: str, z: int = 14, suffix: str = "") -> str:
    _, x, y = tile_of(MIDDLE, z)
    return f"/tiles/{layer}/{z}/{x}/{y}{suffix}"


def decoded(data: bytes, layer: str) -> list[dict]:
    return mapbox_vector_tile.decode(data)[layer]["features"] if data else []


def by_id(data: bytes, layer: str) -> dict[int, dict]:
    """What a tile shows, whatever the order it is drawn in."""
    return {feature["id"]: feature for feature in decoded(data, layer)}


def current_address(client: FlaskClient, layer: str) -> str:
    """The tile's address with the version of now, as the map asks for it."""
    entry = next(e for e in client.get("/api/layers").json["layers"] if e["name"] == layer)
    return address(layer, suffix="?" + entry["tiles"].split("?")[1])


def as_web(conn: Connection, actor: Actor) -> None:
    conn.exec_driver_sql(f"SET LOCAL ROLE {APP_ROLE}")
    conn.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")
    act_as(conn, actor)


@pytest.fixture
def crowded(owner_engine: Engine) -> Iterator[Connection]:
    """A transaction in which Xã Mẫu has 100,000 more cameras over 30 km × 30 km; rolled back."""
    with owner_engine.connect() as conn:
        act_as(conn, Actor("system"))
        conn.execute(
            sa.text(
                "INSERT INTO cameras (commune_id, external_id, geom) "
                "SELECT :commune, 'many' || n, "
                "ST_SetSRID(ST_MakePoint(:lon + n % 316 * 0.001, :lat + n / 316 * 0.001), 4326) "
                "FROM generate_series(1, :many) AS n"
            ),
            {"commune": MAU.id, "many": MANY, "lon": MIDDLE.x, "lat": MIDDLE.y},
        )
        conn.exec_driver_sql("ANALYZE cameras")
        yield conn
        conn.rollback()


@pytest.mark.parametrize("z", [14, 16])
def test_the_spatial_index_is_read_under_row_level_security(crowded: Connection, z: int) -> None:
    key = TileKey("cameras", *tile_of(shapely.Point(MIDDLE.x + 0.15, MIDDLE.y + 0.15), z))
    as_web(crowded, Actor("planner", MAU.id))
    text, fixed = tile_text("cameras", "planner", z, in_commune=True)
    values = fixed | tile_values(key, MAU.id)
    plan = crowded.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", values).scalar_one()
    nodes = list(_nodes(plan[0]["Plan"]))
    read = [node for node in nodes if node.get("Index Name") == "cameras_geom_3857_gist"]
    assert read, json.dumps(plan)
    assert read[0]["Node Type"] in ("Index Scan", "Bitmap Index Scan")
    assert "geom_3857 &&" in read[0]["Index Cond"]
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
    most = max(node["Actual Rows"] for node in nodes)
    assert 10 < most < MANY / 10, "the tile reads its own rows only"


def _nodes(node: dict) -> Iterator[dict]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def test_a_tile_shows_attributes_and_shapes_inside_it(client_as: Client) -> None:
    features = decoded(client_as("an").get(address("groups")).data, "groups")
    assert {f["properties"]["stage"] for f in features} == {"maintained", "building", "not_selected", "lapsed"}
    assert set(features[0]["properties"]) == {"name", "stage"}
    frame = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    for layer in ("groups", "cameras", "roads", "communes"):
        drawn = decoded(client_as("an").get(address(layer)).data, layer)
        assert drawn
        assert all(frame.covers(shape(f["geometry"])) for f in drawn), layer
        assert len({f["id"] for f in drawn}) == len(drawn)


def test_tiny_counts_are_in_no_tile(client_as: Client) -> None:
    for username in ("an", "hoa"):
        for feature in decoded(client_as(username).get(address("groups")).data, "groups"):
            assert not {"exempt_count", "other_count"} & set(feature["properties"])


def test_far_out_there_are_communes_only(client_as: Client) -> None:
    client = client_as("an")
    for z in (5, 8):
        assert client.get(address("groups", z)).data == b""
        assert decoded(client.get(address("communes", z)).data, "communes")
    assert set(decoded(client.get(address("groups", 9)).data, "groups")[0]["properties"]) == {"stage"}


def test_shared_borders_show_no_sliver(owner_engine: Engine) -> None:
    """Two groups with a bent common border are simplified apart; the gap stays under a pixel."""
    steps = [(1500 + 90 * ((7 * n) % 5 - 2), 300 + 8 * n) for n in range(300)]
    left = shapely.Polygon([MAU.at(*p).coords[0] for p in [(200, 300), *steps, (200, steps[-1][1])]])
    right = shapely.Polygon([MAU.at(*p).coords[0] for p in [(2800, 300), *steps, (2800, steps[-1][1])]])
    with owner_engine.connect() as conn:
        act_as(conn, Actor("system"))
        conn.execute(sa.text("DELETE FROM groups WHERE commune_id = :id"), {"id": MAU.id})
        rows = [(f"g{n}", part, {"name": "x"}) for n, part in enumerate((left.buffer(0), right.buffer(0)))]
        insert_rows(conn, LAYERS["groups"], MAU.id, rows, "test")
        as_web(conn, Actor("planner", MAU.id))
        for z in range(9, 15):
            text, fixed = tile_text("groups", "planner", z, in_commune=True)
            key = TileKey("groups", *tile_of(MIDDLE, z))
            data = bytes(conn.exec_driver_sql(text, fixed | tile_values(key, MAU.id)).scalar_one())
            parts = [shape(f["geometry"]).buffer(0) for f in decoded(data, "groups")]
            both = shapely.union_all(parts)
            gap = shapely.difference(both.convex_hull, both)
            pixel = EXTENT / 256
            assert len(parts) == 2
            assert gap.buffer(-pixel / 2).is_empty, f"z{z}: a gap wider than a pixel"
        conn.rollback()


def test_an_unchanged_tile_is_not_sent_again(client_as: Client) -> None:
    client = client_as("an")
    first = client.get(address("groups"))
    assert first.headers["Cache-Control"] == "private, no-cache"
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(address("groups"), headers=etag).status_code == 304
    assert client_as(None).get(address("groups"), headers=etag).status_code == 401
    assert client_as("dung").get(address("groups"), headers=etag).status_code == 200
    forever = client.get(current_address(client, "groups"))
    assert "immutable" in forever.headers["Cache-Control"]
    assert "private" in forever.headers["Cache-Control"]


@pytest.mark.parametrize("asked_before", ["memory", "table", "never"])
def test_after_an_edit_nothing_old_is_served(
    asked_before: str, owner_engine: Engine, client_as: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_app.queries.ready_tiles.KEEP_BYTES", 1)
    client = client_as("an")
    old = current_address(client, "groups")
    if asked_before != "never":
        assert "recognised" not in _stages(client, old)
    if asked_before == "table":
        monkeypatch.setattr(web_tiles, "memory", TileMemory())
    change = sa.text("UPDATE groups SET stage = :new WHERE commune_id = :id AND stage = :old")
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(change, {"id": MAU.id, "old": "lapsed", "new": "recognised"})
    try:
        new = current_address(client, "groups")
        assert new != old
        assert "recognised" in _stages(client, new)
        assert "recognised" in _stages(client, address("groups"))
        assert "recognised" in _stages(client_as("binh"), new)
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(change, {"id": MAU.id, "old": "recognised", "new": "lapsed"})


def _stages(client: FlaskClient, where: str) -> set[str]:
    return {f["properties"]["stage"] for f in decoded(client.get(where).data, "groups")}


def test_a_ready_tile_stays_in_its_audience(owner_engine: Engine, client_as: Client) -> None:
    """Police facilities are in an officer's ready-made tile and never in a planner's."""
    layer = LAYERS["facilities"]
    spot, geom, values = sample_row(layer, MAU, visibility="police", name="MAU1 kín")
    with begin(owner_engine, Actor("system")) as conn:
        insert_rows(conn, layer, MAU.id, [(f"{spot}-kin", geom, values)], "test")
    try:
        for _ in range(2):
            seen = {name: client_as(name).get(address("facilities")).data for name in ("an", "hoa", "binh", "dung")}
            counts = {name: len(decoded(data, "facilities")) for name, data in seen.items()}
            assert counts == {"an": 2, "hoa": 2, "binh": 1, "dung": 0}
    finally:
        with begin(owner_engine, Actor("system")) as conn:
            conn.execute(sa.text("DELETE FROM facilities WHERE external_id = :id"), {"id": f"{spot}-kin"})
    assert audience_of("facilities", "patrol") != audience_of("facilities", "planner")
    assert {audience_of("groups", role) for role in ROLES} == {"all"}


def test_a_kept_tile_is_read_by_its_commune_only(
    engine: Engine, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_app.queries.ready_tiles.KEEP_BYTES", 1)
    key = TileKey("groups", *tile_of(MIDDLE, 14))
    own, foreign = Actor("planner", MAU.id), Actor("planner", MAU.id + 1)
    with asking(engine) as line:
        made = fetch_ready_tile(line, own, key)
        forged = gzip.compress(b"forged")
        with owner_engine.begin() as conn:
            mark = sa.text("UPDATE tile_cache SET gz = :gz WHERE commune_id = :id AND tileset = 'groups' AND z = 14")
            assert conn.execute(mark, {"gz": forged, "id": MAU.id}).rowcount >= 1
        assert fetch_ready_tile(line, own, key).gz == forged, "the ready-made tile is used"
        assert fetch_ready_tile(line, foreign, key).gz != forged
        assert fetch_ready_tile(line, Actor("admin"), key).gz != forged
        with owner_engine.begin() as conn:
            conn.execute(sa.text("DELETE FROM tile_cache"))
        assert fetch_ready_tile(line, own, key) == made
        # The settings of one question are gone before the next.
        assert line.ask(Actor("anonymous"), "SELECT count(*) FROM groups", {}) == [(0,)]
    assert KEEP_BYTES > 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("14/16384/0", 400),
        ("14/0/16384", 400),
        ("23/0/0", 400),
        ("3/8/0", 400),
        ("99999999999999999999/0/0", 400),
        ("14/-1/0", 404),
        ("14/1.5/0", 404),
        ("nan/0/0", 404),
        ("14/1e9/0", 404),
        ("0/0/0", 200),
        ("22/3340000/1850000", 200),
    ],
)
def test_tiles_off_the_world_are_refused(path: str, status: int, client_as: Client) -> None:
    assert client_as("an").get(f"/tiles/groups/{path}").status_code == status


def test_unknown_tile_sets_are_not_found(client_as: Client) -> None:
    for name in ("accounts", "tile_cache", "groups;--", "%00", "../groups"):
        assert client_as("an").get(f"/tiles/{name}/14/0/0").status_code == 404, name


def test_the_nationwide_reader_gets_outlines_only(client_as: Client) -> None:
    client = client_as("quantri")
    assert len(decoded(client.get(address("communes", 9)).data, "communes")) >= 2
    assert len(decoded(client.get(address("groups", 10)).data, "groups")) >= 8
    for layer in ("cameras", "hotspots", "base", "roads"):
        assert client.get(address(layer)).status_code == 403, layer
    listed = client.get("/api/layers").json["layers"]
    assert {entry["name"] for entry in listed} == {layer.name for layer in LAYERS.values() if layer.national}
    assert client.get("/api/layers/cameras/features").status_code == 403


def test_memory_forgets_the_longest_unused_and_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, shelf = TileMemory(max_bytes=3000), Shelf("groups", 1, "all")
    keys = [TileKey("groups", 14, x, 0) for x in range(3)]
    for key in keys[:2]:
        memory.put(shelf, key, Tile(1, b"x" * 800))
    assert memory.get(shelf, keys[0])
    memory.put(shelf, keys[2], Tile(1, b"x" * 800))
    assert [memory.get(shelf, key) is not None for key in keys] == [True, False, True]
    memory.put(shelf, keys[0], Tile(3, b"new"))
    memory.put(shelf, keys[0], Tile(2, b"late"))
    assert memory.get(shelf, keys[0]) == Tile(3, b"new")
    assert memory.get(Shelf("groups", 2, "all"), keys[0]) is None
    assert memory.get(Shelf("groups", 1, "patrol"), keys[0]) is None
    now = 100.0
    monkeypatch.setattr("gis_app.web.tile_memory.time.monotonic", lambda: now)
    memory.note_version(shelf, 7, now)
    memory.note_version(shelf, 6, now - 0.5)
    assert memory.current_version(shelf) == 7
    now += FRESH_S
    assert memory.current_version(shelf) is None


def test_lost_connections_answer_503_once_and_are_replaced(
    client_as: Client, owner_engine: Engine, engine: Engine
) -> None:
    client = client_as("an")
    assert client.get(address("groups")).status_code == 200
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE usename = 'gis_app' AND datname = current_database()"
    )
    with owner_engine.connect() as conn:
        conn.exec_driver_sql("SET LOCAL ROLE NONE")
        conn.exec_driver_sql(kill).all()
    # The tests' own pool was cut too; what comes after this test must not find its dead connections.
    engine.dispose()
    answer = client.get(address("groups"))
    assert answer.status_code in (200, 503)
    if answer.status_code == 503:
        assert answer.json["code"] == "database_away"
        assert answer.headers["Retry-After"]
    assert client.get(address("groups")).status_code == 200


def test_rows_that_expire_and_coarse_shapes_make_their_own_versions() -> None:
    assert counted_in("hotspots", "patrol") == ["hotspots", TODAY]
    assert counted_in("hotspots", "planner") == ["hotspots", COARSE_BY, TODAY]
    assert counted_in("groups", "planner") == ["groups"]
    assert audience_of("hotspots", "planner") == "planner"
    assert audience_of("hotspots", "patrol") != audience_of("hotspots", "planner")

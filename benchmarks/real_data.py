"""Real files of ../shared/data through the documented commands, and three spatial queries checked against geopandas.

`python -m benchmarks.real_data`. The check reads the stored rows with geopandas and computes in EPSG:9210 by itself;
the product answers through its API as a planner. They must name the same rows and agree in distance to 0.1 %.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import shapely
import sqlalchemy as sa
from flask.testing import FlaskClient

from benchmarks.harness import DATA, BenchDatabase, machine_noise, open_database, table_text
from benchmarks.imports import run_flask
from gis_app import create_app
from gis_app.crs import metric_srid_for
from gis_app.db import OWNER_ROLE, Actor, begin, driver_url, make_engine
from gis_app.jobs.accounts import set_account
from gis_app.settings import Settings

VAN_MIEU = 226  # phường Văn Miếu - Quốc Tử Giám: both Hanoi extracts lie over it
METRIC = metric_srid_for(105.835)
PASSWORD = "only-for-this-benchmark"  # noqa: S105 - a database of its own, dropped and made anew
TOLERANCE = 1e-3
Check = tuple[str, int, int, float]

COMMANDS: list[tuple[str, tuple[str, ...], int]] = [
    ("five real wards", ("import", "communes", "boundaries/seed_wards.geojson"), 0),
    ("114 wards of Hải Phòng", ("import", "communes", "boundaries/hai_phong_wards.geojson"), 0),
    ("ten wards of Hanoi", ("import", "communes", "boundaries/hanoi_centre_wards.geojson"), 0),
    ("all 3,321 wards", ("import", "communes", "boundaries/vn_wards_simplified25m.gpkg"), 0),
    ("Hanoi streets", ("import-osm", "osm/hanoi_centre_roads_2023-12.osm.pbf"), 0),
    ("Quốc Tử Giám, full extract", ("import-osm", "osm/hanoi_quoc_tu_giam_2023.osm.pbf"), 0),
    ("Bàn Cờ, full extract", ("import-osm", "osm/hcmc_ban_co_2026.osm.pbf"), 0),
    # In Senegal: every row must be refused, with its number and the rule.
    ("Dakar cameras (refused)", ("import", "cameras", "dakar_cctv_CC0.geojson"), 1),
]


def run_commands(database: BenchDatabase) -> list[str]:
    """Run each command twice; print what it took; return the faults."""
    rows, faults = [], []
    for name, (command, *rest), status in COMMANDS:
        path = str(DATA / rest[-1])
        runs = [run_flask(database, command, *rest[:-1], path) for _ in range(2)]
        last = [line for line in runs[0].text.splitlines() if line.strip()][-1][:90]
        rows.append((name, runs[0].seconds, runs[1].seconds, runs[0].peak_mb, last))
        if {run.status for run in runs} != {status}:
            faults.append(f"{name}: exit {runs[0].status}: {runs[0].text[-200:]}")
    print(table_text(("command", "seconds", "again", "peak MB", "last line"), rows))
    return faults


def stored(database: BenchDatabase, layer: str) -> gpd.GeoDataFrame:
    """Rows of a layer in the commune as they stand in the table, in metres."""
    engine = sa.create_engine(driver_url(database.owner_url))
    query = sa.text(f"SELECT id, geom FROM {layer} WHERE commune_id = {VAN_MIEU}")
    found = gpd.read_postgis(query, engine, geom_col="geom")
    engine.dispose()
    return found.to_crs(METRIC)


def compare(name: str, answer: dict[str, object], wanted: gpd.GeoSeries) -> Check:
    """Rows that one side names and the other does not, and the worst relative difference of a distance."""
    features = {f["id"]: f["properties"].get("distance_m") for f in answer["features"]}  # type: ignore[attr-defined]
    different = len(set(features) ^ set(wanted.index))
    pairs = [(features[number], wanted[number]) for number in set(features) & set(wanted.index)]
    # Answers have two decimals: half a centimetre is the rounding, not an error.
    worst = max((max(abs(said - true) - 0.005, 0) / true for said, true in pairs if said and true > 0), default=0.0)
    return name, len(wanted), different, worst


def check_queries(client: FlaskClient, database: BenchDatabase) -> list[Check]:
    """Inside a drawn area; within 200 m of a point; ten nearest; along a street."""
    buildings, roads = stored(database, "buildings").set_index("id"), stored(database, "roads").set_index("id")
    spot = shapely.centroid(buildings.union_all())
    lonlat = gpd.GeoSeries([spot], crs=METRIC).to_crs(4326).iloc[0]
    near = f"{lonlat.x},{lonlat.y}"
    area = spot.buffer(150, quad_segs=3)
    drawn = gpd.GeoSeries([area], crs=METRIC).to_crs(4326).iloc[0]

    def ask(layer: str, **query: object) -> dict[str, object]:
        found = client.get(f"/api/layers/{layer}/features", query_string={"limit": 10_000} | query)
        return dict(found.json or {})

    streets = ask("roads", near=near, nearest=10)["features"]
    street = next(f["properties"]["name"] for f in streets if f["properties"]["name"])  # type: ignore[attr-defined]
    engine = sa.create_engine(driver_url(database.owner_url))
    pieces = sa.text("SELECT geom FROM roads WHERE commune_id = :c AND name = :n")
    line = gpd.read_postgis(pieces, engine, geom_col="geom", params={"c": VAN_MIEU, "n": street}).to_crs(METRIC)
    engine.dispose()
    away, along = buildings.distance(spot), buildings.distance(line.union_all())
    road_away = roads.distance(spot)
    inside = buildings[buildings.intersects(area)].geometry.map(lambda _shape: None)
    query = {"name": street, "layer": "buildings", "distance_m": 20, "limit": 10_000}
    return [
        compare("buildings inside a drawn area", ask("buildings", within=shapely.to_geojson(drawn)), inside),
        compare("buildings within 200 m of a point", ask("buildings", near=near, distance_m=200), away[away <= 200]),
        compare("ten streets nearest to a point", ask("roads", near=near, nearest=10), road_away.nsmallest(10)),
        compare(
            f"buildings within 20 m of {street}",
            dict(client.get("/api/streets/nearby", query_string=query).json or {}),
            along[along <= 20],
        ),
    ]


def planner(database: BenchDatabase) -> tuple[FlaskClient, Callable[[], None]]:
    """A signed-in planner of the commune, and what closes the application."""
    with begin(make_engine(database.owner_url, role=OWNER_ROLE), Actor("system")) as conn:
        set_account(conn, "planner.real", PASSWORD, "planner", VAN_MIEU)
    app = create_app(Settings(database.app_url, database.owner_url, "k" * 40, Path("var").resolve()))
    client = app.test_client()
    client.post("/api/session", json={"username": "planner.real", "password": PASSWORD})
    return client, app.extensions["engine"].dispose


def main() -> int:
    """Run, print, judge."""
    if not DATA.exists():
        print("VERDICT not run: ../shared/data is not here")
        return 0
    database = open_database("gis_bench_real", "real", lambda _url: None, fresh=True)
    print(machine_noise())
    faults = run_commands(database)
    client, close = planner(database)
    checks = check_queries(client, database)
    close()
    rows = [(name, count, different, f"{worst:.5%}") for name, count, different, worst in checks]
    print(table_text(("query", "rows", "rows that differ", "worst distance"), rows))
    faults += [f"{c[0]} differs" for c in checks if c[2] or c[3] > TOLERANCE or not c[1]]
    print("VERDICT " + ("loaded, and equal to geopandas" if not faults else "; ".join(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

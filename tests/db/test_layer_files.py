"""Round trip: every layer through every format, in WGS 84 and VN-2000, has the same features, places and attributes."""

import csv as csv_file
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastparquet
import geopandas as gpd
import pyogrio
import pytest
import shapely
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from pmtiles.reader import MemorySource, Reader, all_tiles
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, begin
from gis_app.formats import Options, csv, geojson, geopackage, kml, shapefile
from gis_app.formats.osm_tags import camera, lamp
from gis_app.formats.table import NAMES_FILE, short_names
from gis_app.jobs.export_layer import FORMATS, ONLY_WGS84
from gis_app.queries.loading import insert_rows
from gis_app.web import export_forms
from gis_app.web.ogc_parts import FILE_FORMATS
from layers import LAYERS
from layers.base import DATA, Field, Layer
from layers.groups import layer as groups
from tests.builders import BEN, MAU, METRIC, sample_row, tile_of
from tests.db.test_tiles import by_id

ClientAs = Callable[[str | None], FlaskClient]
NASTY = "=SUM(1) “Trại Mũa” & <b>'ngõ'</b>, \"Đ\""
NEAREST_M = 0.05
READ_BY: dict[str, Callable[..., gpd.GeoDataFrame]] = {
    "geojson": geojson.read, "gpkg": geopackage.read, "shp": shapefile.read, "kml": kml.read, "csv": csv.read,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _nasty_rows(owner_engine: Engine) -> Iterator[None]:
    """A row of every layer with what is hard to keep: empty columns, signs, Vietnamese letters."""
    with begin(owner_engine, Actor("system")) as conn:
        for layer in LAYERS.values():
            if layer.tenant:
                continue
            _, shape, values = sample_row(layer, MAU)
            kept = {f.name: values[f.name] for f in layer.fields if f.required and f.name in values}
            kept |= {f.name: NASTY[: f.max_length] for f in layer.fields if f.type == "text" and not f.choices
                     and f.max_length > 60}  # fmt: skip
            moved = shapely.transform(shape, lambda places: places + 0.001)
            insert_rows(conn, layer, MAU.id, [(f"MAU1-khó-{layer.name}", moved, kept)], "files")
    yield
    with owner_engine.begin() as conn:
        for layer in LAYERS.values():
            if not layer.tenant:
                conn.exec_driver_sql(f"DELETE FROM {layer.name} WHERE source = 'files'")
        conn.exec_driver_sql("DELETE FROM audit_entries WHERE action = 'export'")


def fetch(client: FlaskClient, name: str, **query: str) -> bytes:
    answer = client.get(f"/api/exports/layers/{name}", query_string=query)
    assert answer.status_code == 200, answer.text
    assert f'filename="{name}' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    return bytes(answer.data)


def read(content: bytes, fmt: str, srid: int, folder: Path) -> gpd.GeoDataFrame:
    """The file as an importing program reads it, with its shapes."""
    path = folder / f"file{FORMATS[fmt][0]}"
    path.write_bytes(content)
    if fmt in READ_BY:
        found = READ_BY[fmt](path, Options(crs=srid) if fmt == "csv" else Options())
        assert found.attrs.get("problems", []) == []
        # GeoJSON that names no CRS is WGS 84 (RFC 7946).
        return found if found.crs is not None else found.set_crs(4326)
    if fmt == "parquet":
        table = fastparquet.ParquetFile(io.BytesIO(content)).to_pandas()
        shapes = shapely.from_wkb(table["geometry"].to_numpy())
        return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=shapes, crs=srid)
    if fmt == "fgb":
        return pyogrio.read_dataframe(path)
    table = pyogrio.read_dataframe(path, layer=pyogrio.list_layers(path)[0][0], HEADERS="FORCE")
    if "wkt" in table:
        parts = table[[c for c in table.columns if c.startswith("wkt")]].fillna("")
        shapes = shapely.from_wkt(parts.agg("".join, axis=1).to_numpy())
        return gpd.GeoDataFrame(table.drop(columns=list(parts)), geometry=shapes, crs=srid)
    x, y = ("lon", "lat") if srid == 4326 else ("x", "y")
    return gpd.GeoDataFrame(table.drop(columns=[x, y]), geometry=gpd.points_from_xy(table[x], table[y]), crs=srid)


def value_of(kind: str, value: Any) -> Any:
    """A value as its column means it, from whatever a format makes of it."""
    if value is None or str(value) in ("", "NaT", "nan", "<NA>"):
        return None
    if kind in ("int", "bigint"):
        return int(float(value))
    if kind == "float":
        return float(value)
    if kind == "bool":
        return str(value) in ("True", "true", "1", "1.0")
    if kind == "date":
        return str(value)[:10]
    text = str(value)
    return text[1:] if text.startswith("'=") else text


def wanted_rows(conn: Connection, layer: Layer, srid: int) -> dict[str, dict[str, Any]]:
    fields = layer.visible_fields("data")
    names = ", ".join(f'"{f.name}"' for f in fields)
    text = f"SELECT external_id, ST_AsBinary(ST_Transform(geom, {srid})) AS geom, {names} FROM {layer.name}"
    return {row["external_id"]: dict(row) for row in conn.execute(sa.text(text)).mappings()}


def check(found: gpd.GeoDataFrame, wanted: dict[str, dict[str, Any]], fields: tuple[Field, ...], fmt: str) -> None:
    names = short_names(["external_id", *(f.name for f in fields)]) if fmt == "shp" else {}
    rows = {str(row[names.get("external_id", "external_id")]): row for _, row in found.iterrows()}
    assert rows.keys() == wanted.keys()
    for code, row in rows.items():
        for f in fields:
            have = value_of(f.type, row.get(names.get(f.name, f.name)))
            want = wanted[code][f.name]
            assert have == (str(want) if isinstance(want, dt.date) else want), (fmt, code, f.name)
        shape, exact = row.geometry, shapely.from_wkb(bytes(wanted[code]["geom"]))
        assert shapely.hausdorff_distance(shape, exact) < NEAREST_M, (fmt, code)
        assert shapely.area(shape) == pytest.approx(shapely.area(exact), rel=1e-5)


@pytest.mark.parametrize("zone", export_forms.ZONES)
@pytest.mark.parametrize("fmt", list(FORMATS))
def test_every_layer_comes_back_as_it_was(
    fmt: str, zone: str, client_as: ClientAs, conn_as: Callable[[str], Connection], tmp_path: Path
) -> None:
    client, conn = client_as("hoa"), conn_as("hoa")
    srid = 4326 if zone == "wgs84" else METRIC
    if fmt in ONLY_WGS84 and zone == "vn2000":
        answer = client.get("/api/exports/layers/lights", query_string={"format": fmt, "zone": zone})
        assert (answer.status_code, answer.json["code"]) == (400, "only_wgs84")
        return
    for name, layer in LAYERS.items():
        if "data" not in layer.readers:
            continue
        folder = tmp_path / name
        folder.mkdir()
        found = read(fetch(client, name, format=fmt, zone=zone), fmt, srid, folder)
        assert found.crs is not None
        assert found.crs.to_epsg() == srid, (fmt, name)
        check(found.to_crs(METRIC), wanted_rows(conn, layer, METRIC), layer.visible_fields("data"), fmt)


def test_types_stay_types(client_as: ClientAs, tmp_path: Path) -> None:
    path = tmp_path / "groups.gpkg"
    path.write_bytes(fetch(client_as("hoa"), "groups", format="gpkg"))
    info = pyogrio.read_info(path, layer="groups")
    kinds = dict(zip(info["fields"], info["ogr_types"], strict=True))
    assert (kinds["household_count"], kinds["stage_on"], kinds["name"]) == ("OFTInteger", "OFTDate", "OFTString")
    assert info["geometry_type"] == "MultiPolygon"
    subtypes = dict(zip(info["fields"], info["ogr_subtypes"], strict=True))
    assert subtypes["is_pilot"] == "OFSTBoolean"


def test_a_shapefile_tells_its_names(client_as: ClientAs) -> None:
    with zipfile.ZipFile(io.BytesIO(fetch(client_as("hoa"), "groups", format="shp", zone="vn2000"))) as archive:
        assert archive.read("groups.cpg") == b"UTF-8"
        assert b"VN-2000" in archive.read("groups.prj").replace(b"_", b"-")
        lines = list(csv_file.reader(archive.read(NAMES_FILE).decode("utf-8-sig").splitlines()))
    short = short_names(["external_id", *(f.name for f in groups.visible_fields("data"))])
    assert {line[1]: line[0] for line in lines[1:]} == short
    assert max(map(len, short.values())) <= 10
    assert len(set(short.values())) == len(short)
    assert all(line[4] == "0" for line in lines[1:])


def test_kml_has_the_colours_of_the_stages(client_as: ClientAs) -> None:
    text = fetch(client_as("hoa"), "groups", format="kml").decode()
    # #3b4788 as alpha, blue, green, red.
    assert '<Style id="maintained">' in text
    assert "<color>cc88473b</color>" in text
    assert text.count("<styleUrl>#maintained</styleUrl>") == 1
    assert "<name>Tổ dân phố số 1 MAU1</name>" in text


def test_no_cell_starts_a_formula(client_as: ClientAs) -> None:
    client = client_as("hoa")
    for fmt in ("csv", "xlsx"):
        content = fetch(client, "groups", format=fmt)
        if fmt == "csv":
            rows = list(csv_file.reader(content.decode("utf-8-sig").splitlines()))
            assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t"))]
            assert any(cell.startswith("'=SUM") for row in rows for cell in row)
        else:
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                assert all(b"<f>" not in book.read(name) for name in book.namelist())
                assert b"'=SUM(1)" in book.read("xl/sharedStrings.xml")


def test_osm_names_are_read_back(client_as: ClientAs, tmp_path: Path) -> None:
    client = client_as("hoa")
    for name, reader in (("cameras", camera), ("lights", lamp)):
        path = tmp_path / f"{name}.geojson"
        path.write_bytes(fetch(client, name, format="geojson", tags="osm"))
        ours = {f["properties"]["external_id"]: f["properties"]
                for f in client.get(f"/api/layers/{name}/features").json["features"]}  # fmt: skip
        for _, row in geojson.read(path).iterrows():
            tags = {key: str(value) for key, value in row.items() if key != "geometry" and value is not None}
            back = reader(tags)
            assert back is not None
            own = ours[tags["ref"]]
            for key in ("height_m", "lamp", "ownership"):
                assert back.get(key) == (own.get(key) if key in back else None)
            if name == "cameras":
                azimuth = own["azimuth_deg"]
                assert back["azimuth_deg"] == (None if azimuth is None else f"{azimuth:g}")
    assert client.get("/api/exports/layers/groups?tags=osm").json["code"] == "no_osm_tags"


def test_filter_area_and_audit(client_as: ClientAs, owner_engine: Engine) -> None:
    client = client_as("hoa")
    group = client.get("/ogc/collections/groups/items?external_id=MAU1-g2").json["features"][0]["id"]

    def codes(**query: str) -> set[str]:
        content = fetch(client, "lights", format="csv", **query).decode("utf-8-sig").splitlines()
        return {row["external_id"] for row in csv_file.DictReader(content)}

    assert codes(filter="state = 'broken'") == {"MAU1-l5"}
    assert codes(bbox="593450,2303450,594250,2303550", **{"bbox-crs": "EPSG:9210"}) == {
        f"MAU1-l{n}" for n in range(5, 13)
    }
    # The fifteenth stands on the border of the group.
    assert codes(group=str(group)) - {"MAU1-l15"} == {f"MAU1-l{n}" for n in range(16, 30)}
    assert codes(group="999999") == set()
    assert client.get("/api/exports/layers/lights?filter=nothing=1").json["code"] == "bad_filter"
    with owner_engine.connect() as owner:
        text = "SELECT username FROM audit_entries WHERE action = 'export' AND table_name = 'lights' ORDER BY id"
        first = owner.exec_driver_sql(text).first()
    assert first is not None
    assert first.username == "hoa"


@pytest.mark.parametrize("username", ["an", "binh", "chi", "lan"])
def test_a_file_holds_what_the_role_reads(username: str, client_as: ClientAs) -> None:
    client = client_as(username)
    for name, layer in LAYERS.items():
        answer = client.get(f"/api/exports/layers/{name}", query_string={"format": "geojson"})
        assert answer.status_code == (200 if username_role(username) in layer.readers else 403), name
        assert BEN.marker.encode() not in answer.data
    text = client.get("/api/exports/layers/groups?format=geojson").text
    assert ("exempt_count" in text) is (username_role(username) in DATA | {"patrol"})


def username_role(username: str) -> str:
    return {"an": "patrol", "binh": "planner", "chi": "committee", "lan": "supervisor"}[username]


def test_the_formats_of_the_address_are_those_of_the_job() -> None:
    assert set(FILE_FORMATS) == set(FORMATS)


def test_the_command_line_writes_the_same(app: Flask, client_as: ClientAs, tmp_path: Path) -> None:
    out = tmp_path / "lights.csv"
    arguments = ["export-layer", "--commune", str(MAU.id), "--layer", "lights", "--format", "csv", "--out", str(out)]

    def run(*more: str) -> Result:
        with app.app_context():
            return app.test_cli_runner().invoke(args=[*arguments, *more])

    assert run().exit_code == 0
    assert out.read_bytes() == fetch(client_as("hoa"), "lights", format="csv")
    assert "bad_filter" in run("--filter", "nothing = 1").output
    assert run("--role", "committee").exit_code == 0
    refused = ["export-layer", "--commune", "1x", "--layer", "lights", "--out", str(out)]
    with app.app_context():
        assert app.test_cli_runner().invoke(args=refused).exit_code == 2


def test_the_commune_s_tiles_as_one_file(client_as: ClientAs, app: Flask) -> None:
    content = client_as("chi").get("/api/exports/tiles/lights").data
    reader = Reader(MemorySource(content))
    z, x, y = tile_of(MAU.at(500, 500), 15)
    tile = gzip.decompress(reader.get(z, x, y))
    assert by_id(tile, "lights") == by_id(client_as("chi").get(f"/tiles/lights/{z}/{x}/{y}").data, "lights")
    assert reader.header()["min_zoom"] == LAYERS["lights"].min_zoom
    assert reader.metadata()["vector_layers"][0]["id"] == "lights"
    every = b"".join(gzip.decompress(data) for _, data in all_tiles(MemorySource(content)))
    assert BEN.marker.encode() not in every
    client = client_as("chi")
    assert client.get("/api/exports/tiles/hotspots").status_code == 403
    assert client.get("/api/exports/tiles/nothing").status_code == 404


def test_the_same_rows_are_the_same_tiles(client_as: ClientAs, owner_engine: Engine) -> None:
    """Wherever the table keeps them: rows written anew go to its end, and to other places of the index."""
    url = "/api/exports/tiles/lights"

    def tiles() -> list[tuple[Any, bytes]]:
        return list(all_tiles(MemorySource(client_as("hoa").get(url).data)))

    before = tiles()
    with begin(owner_engine, Actor("system")) as conn:
        conn.exec_driver_sql("ALTER TABLE lights DISABLE TRIGGER USER")
        moved = conn.exec_driver_sql("UPDATE lights SET state = state WHERE id %% 2 = 0").rowcount
        conn.exec_driver_sql("ALTER TABLE lights ENABLE TRIGGER USER")
    assert moved > 1
    assert tiles() == before

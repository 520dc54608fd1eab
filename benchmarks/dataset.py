"""Made-up data of the size of the country: wards, groups, cameras and streets. Seeded; geometry in EPSG:4326."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import psycopg2
import pyogrio
import shapely
from numpy.typing import NDArray

from benchmarks.harness import DATA
from gis_app.analysis.town.specs import KIEN_AN
from gis_app.db import OWNER_ROLE, Actor, begin, make_engine
from gis_app.jobs.accounts import set_account
from gis_app.jobs.demo import load_demo

WARDS = DATA / "boundaries" / "vn_wards_simplified25m.gpkg"
WARD_COUNT = 3321
PASSWORD = "chi-de-do-toc-do"  # noqa: S105 - an account of a database that only the benchmark uses
METRIC_SRID = 9210
KINDS = {"phường": "ward", "xã": "commune", "đặc khu": "special_zone"}
STAGES = ("not_selected", "cleaning", "building", "proposed", "recognised", "maintained", "lapsed")
CLASSES = ("primary", "secondary", "tertiary", "residential", "residential", "alley")
# The commune with 100,000 cameras: large enough that a z14 tile holds a part of them.
BIG_KM2 = 300.0
BIG_CAMERAS = 100_000
# A degree in metres at 21° N is about 103,900 east and 110,700 north.
KM2_PER_DEGREE2 = 11_500.0


@dataclass(frozen=True)
class Spec:
    """How much is generated."""

    wards: int = WARD_COUNT
    groups_per_ward: int = 27
    cameras_per_ward: int = 5
    roads_per_ward: int = 30
    seed: int = 28


@dataclass(frozen=True)
class Ward:
    """A commune of the benchmark."""

    id: int
    name: str
    full_name: str
    kind: str
    shape: Any


def read_wards(count: int) -> list[Ward]:
    """The first so many real wards by official code, or a grid of squares where the file is not at hand."""
    if not WARDS.exists():
        return [_square(number) for number in range(count)]
    frame = pyogrio.read_dataframe(WARDS).sort_values("code").head(count)
    return [
        Ward(int(row.code), row.name_, row.full_name, KINDS.get(row.kind.lower(), "commune"), row.geometry)
        for row in frame.rename(columns={"name": "name_"}).itertuples()
    ]


def _square(number: int) -> Ward:
    west, south = 104.0 + number % 40 * 0.09, 9.0 + number // 40 * 0.09
    shape = shapely.box(west, south, west + 0.09, south + 0.09)
    return Ward(number + 1, f"Ô {number + 1}", f"Xã Ô {number + 1}", "commune", shape)


def pick_big(wards: Sequence[Ward]) -> Ward:
    """A commune of about 300 km² for the 100,000 cameras."""
    areas = np.array([ward.shape.area for ward in wards]) * KM2_PER_DEGREE2
    return wards[int(np.argmin(np.abs(areas - BIG_KM2)))]


def points_inside(shape: Any, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """`count` points (lon, lat) spread evenly over a shape."""
    west, south, east, north = shape.bounds
    found = np.empty((0, 2))
    shapely.prepare(shape)
    for _ in range(60):
        spots = rng.uniform((west, south), (east, north), (count * 2 + 8, 2))
        found = np.vstack([found, spots[shapely.contains_xy(shape, spots[:, 0], spots[:, 1])]])
        if len(found) >= count:
            break
    return found[:count]


def cut_groups(ward: Ward, count: int, rng: np.random.Generator) -> list[Any]:
    """Cut a ward into about `count` cells whose borders are shared."""
    seeds = shapely.multipoints(points_inside(ward.shape, count, rng))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=ward.shape))
    pieces = shapely.intersection(cells, ward.shape)
    polygons = [
        piece if piece.geom_type == "MultiPolygon" else shapely.multipolygons([piece])
        for piece in pieces
        if piece.geom_type in ("Polygon", "MultiPolygon") and not piece.is_empty
    ]
    return [shape for shape in polygons if shape.is_valid]


def street_grid(shape: Any, count: int, rng: np.random.Generator) -> list[Any]:
    """About `count` pieces of a slightly bent street grid inside a shape's box."""
    west, south, east, north = shape.bounds
    side = max(2, int((count / 2) ** 0.5))
    xs, ys = np.linspace(west, east, side + 1), np.linspace(south, north, side + 1)
    bend = (east - west) / side / 12
    spots = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1) + rng.uniform(-bend, bend, (side + 1, side + 1, 2))
    lines = []
    for start, end in ((spots[:-1], spots[1:]), (spots[:, :-1], spots[:, 1:])):
        middle = (start + end) / 2 + rng.uniform(-bend / 2, bend / 2, start.shape)
        lines.append(np.stack([start, middle, end], axis=-2).reshape(-1, 3, 2))
    return list(shapely.linestrings(np.clip(np.concatenate(lines), (west, south), (east, north))))


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(_text(value) for value in row) + "\n")
    text.seek(0)
    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", text)


def _text(value: object) -> str:
    if isinstance(value, shapely.Geometry):
        return shapely.to_wkb(shapely.set_srid(value, 4326), hex=True, include_srid=True)
    return "\\N" if value is None else str(value).replace("\\", "").replace("\t", " ")


def _fill_groups(cursor: Any, wards: Sequence[Ward], spec: Spec, rng: np.random.Generator) -> None:
    def rows() -> Iterator[Sequence[object]]:
        for ward in wards:
            for number, shape in enumerate(cut_groups(ward, spec.groups_per_ward, rng), 1):
                stage = STAGES[int(rng.integers(len(STAGES)))]
                yield ward.id, f"g{number}", shape, "bench", f"Tổ dân phố số {number}", stage

    _copy(cursor, "groups", ("commune_id", "external_id", "geom", "source", "name", "stage"), rows())


def _camera_rows(ward: Ward, count: int, rng: np.random.Generator) -> Iterator[Sequence[object]]:
    spots = points_inside(ward.shape, count, rng)
    # Rows that lie together are stored together (METHODS.md section 5), as an import by area would leave them.
    order = np.lexsort((spots[:, 0], np.floor(spots[:, 1] * 200)))
    azimuths = rng.uniform(0, 360, len(spots)).round(1)
    return ((ward.id, f"c{i}", shapely.Point(*spots[i]), "bench", azimuths[i], 70, 40) for i in order)


def _road_rows(ward: Ward, count: int, rng: np.random.Generator) -> Iterator[Sequence[object]]:
    for number, shape in enumerate(street_grid(ward.shape, count, rng)):
        yield ward.id, f"r{number}", shape, "bench", f"Phố số {number % 97}", CLASSES[number % len(CLASSES)]


def fill(owner_url: str, spec: Spec) -> None:
    """Write everything, in one transaction, by COPY; then statistics and the accounts."""
    rng = np.random.default_rng(spec.seed)
    town_id = int(KIEN_AN.code)
    wards = [ward for ward in read_wards(spec.wards) if ward.id != town_id]
    big = pick_big(wards)
    connection = psycopg2.connect(owner_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.role', 'system', true)")
        names = ("id", "code", "external_id", "name", "full_name", "kind", "metric_srid", "geom", "source")
        codes = ((f"{ward.id:05}", ward) for ward in wards)
        rows = (
            (ward.id, code, code, ward.name, ward.full_name, ward.kind, METRIC_SRID, _multi(ward.shape), "bench")
            for code, ward in codes
        )
        _copy(cursor, "communes", names, rows)
        _fill_groups(cursor, wards, spec, rng)
        names = ("commune_id", "external_id", "geom", "source", "azimuth_deg", "fov_deg", "range_m")
        counts = ((ward, BIG_CAMERAS if ward is big else spec.cameras_per_ward) for ward in wards)
        _copy(cursor, "cameras", names, chain.from_iterable(_camera_rows(ward, count, rng) for ward, count in counts))
        names = ("commune_id", "external_id", "geom", "source", "name", "class")
        pieces = (_road_rows(ward, spec.roads_per_ward, rng) for ward in wards)
        _copy(cursor, "roads", names, chain.from_iterable(pieces))
    _fill_town(owner_url, big)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def _multi(shape: Any) -> Any:
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])


def _fill_town(owner_url: str, big: Ward) -> None:
    """The demonstration town of Kiến An, and the accounts."""
    engine = make_engine(owner_url, role=OWNER_ROLE)
    with begin(engine, Actor("system")) as conn:
        load_demo(conn, (KIEN_AN,))
        accounts = (("town", "data", int(KIEN_AN.code)), ("big", "data", big.id), ("nation", "admin", None))
        for name, role, commune_id in accounts:
            set_account(conn, name, PASSWORD, role, commune_id)
    engine.dispose()

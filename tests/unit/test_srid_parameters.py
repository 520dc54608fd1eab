"""A statement that SQLAlchemy keeps must serve every zone: its SRIDs are parameters, not text."""

import re

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg2

from gis_app.crs import STORED, named_crs
from gis_app.queries.coverage_inputs import Area
from gis_app.queries.cql2_sql import in_stored
from gis_app.queries.filters import geom_of_wkb
from gis_app.settings import ROOT

SHAPE = shapely.box(593450, 2303450, 594250, 2303550)


def crs_of(srid: int) -> sa.ColumnElement[object]:
    crs = named_crs(f"EPSG:{srid}")
    assert crs is not None
    return in_stored(SHAPE, crs)


@pytest.mark.parametrize(
    "make",
    [crs_of, lambda srid: Area(SHAPE, srid).stored(), lambda srid: geom_of_wkb(sa.literal(b"", sa.LargeBinary), srid)],
)
def test_a_kept_statement_takes_the_zone_of_each_call(make: object) -> None:
    first, second = (sa.select(make(srid)) for srid in (9210, 9209))  # type: ignore[operator]
    keys = [statement._generate_cache_key() for statement in (first, second)]
    assert keys[0] == keys[1]
    compiled = first.compile(dialect=psycopg2.dialect(), cache_key=keys[0])
    assert 9209 in compiled.construct_params(extracted_parameters=keys[1].bindparams).values()
    assert "9210" not in str(compiled)


def test_no_other_zone_is_written_into_a_statement() -> None:
    texts = {path: path.read_text() for path in (ROOT / "gis_app").rglob("*.py")}
    pattern = re.compile(r"func\.ST_GeomFromWKB\((?!wkb\))(?!.*\bSTORED\))")
    assert [path.name for path, text in texts.items() if pattern.search(text)] == []
    assert STORED == 4326

"""Extensions, roles, VN-2000 zones, functions."""

from alembic import op
from pyproj import CRS

from gis_app.crs import TM3_ZONES
from migrations.helpers import run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# EPSG:6960 is a coordinate frame rotation; +towgs84 wants position vector, so the rotations change sign.
TOWGS84 = "+towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278"


def upgrade() -> None:
    """Make what every later migration stands on."""
    connection = op.get_bind()
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pgrouting")
    run_sql("roles.sql", connection)
    run_sql("postgis.sql", connection)
    _add_vn2000_zones(connection)
    run_sql("functions.sql", connection)


def _add_vn2000_zones(connection: object) -> None:
    """Debian 12's PostGIS 3.3.2 lacks EPSG:9205-9218; take them from PROJ's own definitions."""
    for srid, meridian in TM3_ZONES.items():
        proj4 = f"+proj=tmerc +lat_0=0 +lon_0={meridian:g} +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 {TOWGS84}"
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) "
            "VALUES (%(srid)s, 'EPSG', %(srid)s, %(wkt)s, %(proj4)s) ON CONFLICT (srid) DO NOTHING",
            {"srid": srid, "wkt": CRS.from_epsg(srid).to_wkt("WKT1_GDAL"), "proj4": f"{proj4} +units=m +no_defs"},
        )


def downgrade() -> None:
    """Roles stay (other databases of the server may use them), and so does PostGIS."""
    for name in ("bump_layer_version()", "audit_rows()", "touch_row()", "search_key(text)"):
        op.execute(f"DROP FUNCTION {name}")

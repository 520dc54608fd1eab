"""/readyz: break each guard, see it named, mend it, ready again."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import driver_url, make_engine
from gis_app.queries.health import expected_head, find_faults

EXTENT = "st_estimatedextent(text, text)"
# What breaks it, what mends it, and the fault by name.
BREAKS = {
    "policy:lights": ("ALTER TABLE lights NO FORCE ROW LEVEL SECURITY", "ALTER TABLE lights FORCE ROW LEVEL SECURITY"),
    "policy:sessions": (
        "ALTER TABLE sessions DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE sessions ENABLE ROW LEVEL SECURITY",
    ),
    "policy:tip_boxes": (
        "ALTER TABLE tip_boxes RENAME TO kept; CREATE TABLE tip_boxes (LIKE kept); "
        "ALTER TABLE tip_boxes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; "
        "GRANT SELECT ON tip_boxes TO gis_app",
        "DROP TABLE tip_boxes; ALTER TABLE kept RENAME TO tip_boxes",
    ),
    "owner:lights": (
        "ALTER TABLE lights OWNER TO gis_app",
        "ALTER TABLE lights OWNER TO gis_owner; GRANT SELECT, INSERT, UPDATE, DELETE ON lights TO gis_app",
    ),
    "owner:cameras": ("ALTER TABLE cameras OWNER TO gis_national", "ALTER TABLE cameras OWNER TO gis_owner"),
    "grant:groups": ("GRANT TRUNCATE ON groups TO gis_app", "REVOKE TRUNCATE ON groups FROM gis_app"),
    "grant:schools": ("REVOKE SELECT ON schools FROM gis_app", "GRANT SELECT ON schools TO gis_app"),
    "grant:audit_entries": (
        "GRANT UPDATE (before) ON audit_entries TO gis_app",
        "REVOKE UPDATE (before) ON audit_entries FROM gis_app",
    ),
    "grant:audit_seals": ("GRANT DELETE ON audit_seals TO gis_app", "REVOKE DELETE ON audit_seals FROM gis_app"),
    "grant:scorecards": ("GRANT UPDATE ON scorecards TO gis_app", "REVOKE UPDATE ON scorecards FROM gis_app"),
    "grant:hotspot_steps": ("GRANT DELETE ON hotspot_steps TO gis_app", "REVOKE DELETE ON hotspot_steps FROM gis_app"),
    "leakproof": (
        "ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF",
        "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF",
    ),
    "function:st_estimatedextent": (
        f"GRANT EXECUTE ON FUNCTION {EXTENT} TO PUBLIC",
        f"REVOKE EXECUTE ON FUNCTION {EXTENT} FROM PUBLIC",
    ),
    "migration": (
        "UPDATE alembic_version SET version_num = '0001'",
        "UPDATE alembic_version SET version_num = '{head}'",
    ),
}


@pytest.fixture
def superuser(urls: tuple[str, str], owner_engine: Engine) -> Callable[[str], None]:
    """Run statements as the cluster's superuser, committed."""
    assert owner_engine

    def run(text: str) -> None:
        engine = sa.create_engine(driver_url(urls[1]))
        with engine.begin() as conn:
            conn.exec_driver_sql(text)
        engine.dispose()

    return run


@pytest.mark.parametrize("fault", BREAKS)
def test_each_broken_guard_is_named(
    fault: str, superuser: Callable[[str], None], client_as: Callable[[str | None], FlaskClient]
) -> None:
    client = client_as(None)
    breaks, mends = BREAKS[fault]
    superuser(breaks)
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["code"] == "not_ready"
        assert fault in answer.json["params"]["faults"]
    finally:
        superuser(mends.replace("{head}", str(expected_head())))
    assert client.get("/readyz").status_code == 200


def test_a_login_that_passes_by_row_security_is_named(urls: tuple[str, str], owner_engine: Engine) -> None:
    """The owner's login given to the web: SET ROLE alone is no isolation."""
    assert owner_engine
    mighty = make_engine(urls[1])
    with mighty.begin() as conn:
        assert find_faults(conn) == ["login:postgres"]
    mighty.dispose()


def test_the_worker_is_told_but_no_fault(
    superuser: Callable[[str], None], client_as: Callable[[str | None], FlaskClient]
) -> None:
    client = client_as(None)
    superuser("DELETE FROM heartbeats")
    assert client.get("/readyz").json == {"status": "ready", "worker": "never", "jobs": "flowing"}
    superuser("INSERT INTO heartbeats VALUES ('worker', now())")
    assert client.get("/readyz").json["worker"] == "alive"
    superuser("UPDATE heartbeats SET at = now() - interval '1 hour'")
    assert client.get("/readyz").json["worker"] == "silent"
    superuser("DELETE FROM heartbeats")

"""Cost, fund and day of installation: from the siting plan once a device works, summed for the committee."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as
from gis_app.queries.devices import Spent, fetch_spent
from tests.builders import BEN, MAU
from tests.db.coverage_kit import change, keep_sample
from tests.db.officers import Officer

PLAN = (
    "INSERT INTO siting_devices "
    "(commune_id, plan_id, kind, geom, azimuth_deg, model, cost_vnd, fund, feature_layer, feature_id) "
    "SELECT c.commune_id, p.id, 'camera', c.geom, 90, 'Cam', 12000000, 'Xã hội hóa', 'cameras', c.id "
    "FROM cameras AS c, siting_plans AS p WHERE c.external_id = 'MAU1-c3' AND p.name = 'Chi phí'"
)


@pytest.fixture
def conn(owner_engine: Engine) -> Iterator[Connection]:
    """As the owner, with a plan that proposed the camera c3; rolls back."""
    found = owner_engine.connect()
    act_as(found, Actor("system", MAU.id))
    found.exec_driver_sql(f"INSERT INTO siting_plans (commune_id, name, settings) VALUES ({MAU.id}, 'Chi phí', '{{}}')")
    found.exec_driver_sql(PLAN)
    yield found
    found.rollback()
    found.close()


def told(conn: Connection, code: str = "MAU1-c3") -> tuple[object, ...]:
    text = "SELECT installed_on = vietnam_today(), cost_vnd, fund FROM cameras WHERE external_id = :code"
    return tuple(conn.execute(sa.text(text), {"code": code}).one())


def test_what_was_planned_is_known_once_it_works(conn: Connection) -> None:
    assert told(conn) == (None, None, None)
    conn.exec_driver_sql("UPDATE cameras SET state = 'working' WHERE external_id = 'MAU1-c3'")
    assert told(conn) == (True, 12_000_000, "Xã hội hóa")


def test_what_somebody_wrote_stays(conn: Connection) -> None:
    conn.exec_driver_sql(
        "UPDATE cameras SET state = 'working', cost_vnd = 5, fund = 'Phường' WHERE external_id = 'MAU1-c3'"
    )
    assert told(conn) == (True, 5, "Phường")


def test_a_repaired_device_was_not_installed_today(conn: Connection) -> None:
    conn.exec_driver_sql("UPDATE cameras SET state = 'working' WHERE external_id = 'MAU1-c2'")
    assert told(conn, "MAU1-c2") == (None, None, None)


def test_sums_by_year_and_fund_of_what_stands(conn: Connection) -> None:
    for table, code, state, cost, fund, day in (
        ("cameras", "MAU1-c0", "working", 10, "'A'", "'2025-03-01'"),
        ("cameras", "MAU1-c1", "working", 20, "'A'", "'2025-12-31'"),
        ("cameras", "MAU1-c2", "broken", 7, "NULL", "NULL"), ("lights", "MAU1-l1", "working", 5, "'A'", "'2026-01-01'"),
        ("lights", "MAU1-l2", "removed", 99, "'A'", "'2026-01-01'"),
    ):  # fmt: skip
        conn.exec_driver_sql(
            f"UPDATE {table} SET state = '{state}', cost_vnd = {cost}, fund = {fund}, installed_on = {day} "
            f"WHERE external_id = '{code}'"
        )
    assert fetch_spent(conn, MAU.id) == [Spent("A", 2026, 1, 5), Spent("A", 2025, 2, 30), Spent(None, None, 1, 7)]
    assert fetch_spent(conn, BEN.id) == []


def test_the_committee_reads_the_sum(
    client_as: Callable[[str], FlaskClient], owner_engine: Engine, conn_as: Callable[[str], Connection]
) -> None:
    with keep_sample(owner_engine):
        change(owner_engine, "UPDATE cameras SET cost_vnd = 1234567, fund = 'Quỹ A' WHERE external_id = 'MAU1-c0'")
        page = client_as("chi").get("/tong-quan").text
        assert "1.234.567 đ" in page
        assert "Quỹ A" in page
        assert "Quỹ A" not in client_as("giang").get("/tong-quan").text
    names = set(
        conn_as("hoa")
        .execute(sa.text("SELECT column_name FROM information_schema.columns WHERE table_name LIKE 'shared_%'"))
        .scalars()
    )
    assert not names & {"cost_vnd", "fund", "installed_on"}


@pytest.mark.parametrize("fund", ["Ông Nguyễn Văn Tèo ủng hộ", "Gọi 0912345678"])
def test_no_giver_has_a_name(fund: str, officer_as: Callable[[str], Officer], owner_engine: Engine) -> None:
    with owner_engine.connect() as found:
        number = found.exec_driver_sql("SELECT id FROM cameras WHERE external_id = 'MAU1-c3'").scalar_one()
        version = found.exec_driver_sql(f"SELECT version FROM cameras WHERE id = {number}").scalar_one()
    body = {"type": "Feature", "properties": {"fund": fund}}
    answer = officer_as("hoa").patch(f"/api/layers/cameras/features/{number}", body, version)
    faults = [{"field": "fund", "rule": "personal_words"}]
    assert (answer.status_code, answer.json["params"]["faults"]) == (422, faults)


@pytest.mark.parametrize("table", ["cameras", "lights"])
def test_the_database_takes_no_number_of_a_giver(table: str, conn: Connection) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=f"{table}_fund_text"):
        conn.exec_driver_sql(f"UPDATE {table} SET fund = 'Gọi 0912345678'")

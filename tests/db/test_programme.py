"""Indicators with the missing named, the four bars each moved by its own fault, reconciliation with a reason."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gis_app.db import Actor, act_as, begin
from gis_app.jobs.programme import compute_indicators, measure_quality, rank_groups
from gis_app.queries.loading import insert_rows
from layers import LAYERS
from tests.builders import MAU, METRIC
from tests.db.officers import Officer

As = Callable[[str], Officer]


@pytest.fixture
def clean(owner_engine: Engine) -> Iterator[Connection]:
    """Xã Mẫu without a fault: a box and a board in every group, everything looked at today; rolls back."""
    conn = owner_engine.connect()
    act_as(conn, Actor("system", MAU.id))
    run = lambda text: conn.execute(sa.text(text), {"c": MAU.id})  # noqa: E731
    for table in (
        "tip_boxes",
        "notice_boards",
        "venues",
        "schools",
        "hotspots",
        "facilities",
        "gateways",
        "loudspeakers",
    ):
        run(f"DELETE FROM {table} WHERE commune_id = :c")
    spots = [MAU.at(east, north) for east in (700, 2200) for north in (800, 2300)]
    boxes = [(f"box-{n}", spot, {"place": "Nhà văn hóa"}) for n, spot in enumerate(spots)]
    insert_rows(conn, LAYERS["tip_boxes"], MAU.id, boxes, "test")
    numbers = dict.fromkeys(("has_commune_police", "has_pc04", "has_c04"), True)
    boards = [(f"board-{n}", spot, {"place": "Nhà văn hóa"} | numbers) for n, spot in enumerate(spots)]
    insert_rows(conn, LAYERS["notice_boards"], MAU.id, boards, "test")
    schools = [(f"school-{n}", MAU.at(300 + n, 300), {"name": f"Trường {n}", "has_pledge": n > 0, "level": level})
               for n, level in enumerate(("primary", "kindergarten", "college"))]  # fmt: skip
    insert_rows(conn, LAYERS["schools"], MAU.id, schools, "test")
    for layer in LAYERS.values():
        if layer.checked_field:
            run(f"UPDATE {layer.name} SET {layer.checked_field} = vietnam_today() WHERE commune_id = :c")
    run("UPDATE cameras SET has_notice_sign = true WHERE commune_id = :c")
    run(
        "UPDATE groups SET last_reviewed_on = vietnam_today(), household_count = 100, stage = 'building', "
        "users_answer = 'met', users_on = vietnam_today(), users_document = '1/BB', "
        "offenders_answer = 'met', offenders_on = vietnam_today(), offenders_document = '1/BB', "
        "places_answer = 'met', places_on = vietnam_today(), places_document = '1/BB' WHERE commune_id = :c"
    )
    act_as(conn, Actor("data", MAU.id, "hoa"))
    yield conn
    conn.rollback()
    conn.close()


def bars(conn: Connection) -> dict[str, tuple[float, int]]:
    found = measure_quality(conn, MAU.id, "data", METRIC)
    return {bar.word: (float(bar.score), bar.fault_count) for bar in found}


CLEAN = dict.fromkeys(("correct", "complete", "clean", "current"), (1.0, 0))
FAULTS = {
    "a camera outside the commune": (
        "correct",
        "UPDATE cameras SET geom = ST_Translate(geom, 0.2, 0) WHERE external_id = 'MAU1-c0'",
    ),
    "a look dated tomorrow": (
        "correct",
        "UPDATE lights SET verified_on = vietnam_today() + 1 WHERE external_id = 'MAU1-l1'",
    ),
    "groups that overlap": (
        "correct",
        "UPDATE groups SET geom = ST_Multi(ST_Union(geom, ST_Buffer(ST_Centroid(geom), 0.0085))) "
        "WHERE external_id = 'MAU1-g1'",
    ),
    "a village without a tip box": ("complete", "DELETE FROM tip_boxes WHERE external_id = 'box-0'"),
    "a board that lacks a number": (
        "complete",
        "UPDATE notice_boards SET has_c04 = false WHERE external_id = 'board-0'",
    ),
    "a camera without an angle": ("complete", "UPDATE cameras SET fov_deg = NULL WHERE external_id = 'MAU1-c0'"),
    "a light never looked at": ("complete", "UPDATE lights SET verified_on = NULL WHERE external_id = 'MAU1-l1'"),
    "a group without households": (
        "complete",
        "UPDATE groups SET household_count = NULL WHERE external_id = 'MAU1-g1'",
    ),
    "a light entered twice": (
        "clean",
        "INSERT INTO lights (commune_id, geom, state, verified_on) SELECT commune_id, geom, state, verified_on "
        "FROM lights WHERE external_id = 'MAU1-l1'",
    ),
    "two groups of one name": (
        "clean",
        "UPDATE groups SET name = (SELECT name FROM groups WHERE external_id = 'MAU1-g2') "
        "WHERE external_id = 'MAU1-g1'",
    ),
    "an answer without a document": (
        "clean",
        "UPDATE groups SET users_document = NULL WHERE external_id = 'MAU1-g1'",
    ),
    "reached though not met": (
        "clean",
        "UPDATE groups SET stage = 'recognised', places_answer = 'not_met' WHERE external_id = 'MAU1-g1'",
    ),
    "a camera last seen two years ago": (
        "current",
        "UPDATE cameras SET verified_on = vietnam_today() - 730 WHERE external_id = 'MAU1-c0'",
    ),
    "a group last reviewed a year ago": (
        "current",
        "UPDATE groups SET last_reviewed_on = vietnam_today() - 365 WHERE external_id = 'MAU1-g1'",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_moves_only_its_bar(clean: Connection, fault: str) -> None:
    word, statement = FAULTS[fault]
    assert bars(clean) == CLEAN
    act_as(clean, Actor("system", MAU.id))
    if "board" in fault:
        # The board is there, but it is not what is expected of a group.
        statement = "DELETE FROM notice_boards WHERE external_id = 'board-0'"
    clean.execute(sa.text(statement))
    act_as(clean, Actor("data", MAU.id, "hoa"))
    after = bars(clean)
    assert after[word][0] < 1
    assert after[word][1] >= 1
    assert {name for name, bar in after.items() if bar != CLEAN[name]} == {word}


def test_a_score_halves_with_the_half_life(clean: Connection) -> None:
    act_as(clean, Actor("system", MAU.id))
    clean.execute(
        sa.text("UPDATE cameras SET verified_on = vietnam_today() - 365 WHERE commune_id = :c"), {"c": MAU.id}
    )
    act_as(clean, Actor("data", MAU.id, "hoa"))
    (check,) = [
        check
        for bar in measure_quality(clean, MAU.id, "data", METRIC)
        for check in bar.checks
        if (check.word, check.layer) == ("current", "cameras")
    ]
    assert check.score == pytest.approx(0.5)
    assert check.fault_count == 0


def test_indicators_name_what_is_missing(clean: Connection) -> None:
    def found() -> dict[str, tuple[int, int, list[str]]]:
        return {
            one.code: (one.done, one.total, [missing.name for missing in one.missing])
            for one in compute_indicators(clean, MAU.id)
        }

    before = found()
    assert before["tip_boxes"] == (4, 4, [])
    assert before["notice_boards"] == (4, 4, [])
    assert before["reviews"] == (4, 4, [])
    assert before["school_pledges"] == (2, 3, ["Trường 0"])
    # Nobody was briefed since September; cameras are told apart below.
    assert before["school_briefings"][:2] == (0, 3)
    assert before["communication"][0] == 0
    assert before["household_pledges"][:2] == (0, 400)
    clean.execute(sa.text("DELETE FROM tip_boxes WHERE external_id IN ('box-0', 'box-3')"))
    act_as(clean, Actor("system", MAU.id))
    clean.execute(
        sa.text(
            "UPDATE schools SET last_briefed_on = vietnam_today() WHERE external_id = 'school-1'; "
            "UPDATE schools SET last_briefed_on = vietnam_today() - 366 WHERE external_id = 'school-2'; "
            "UPDATE cameras SET has_notice_sign = false, state = 'working'; "
            "UPDATE cameras SET has_notice_sign = true WHERE external_id = 'MAU1-c0'; "
            "UPDATE cameras SET state = 'removed' WHERE external_id = 'MAU1-c1'"
        )
    )
    act_as(clean, Actor("data", MAU.id, "hoa"))
    after = found()
    assert after["school_briefings"] == (1, 3, ["Trường 0", "Trường 2"])
    # One that was taken down needs no sign.
    done, total, without = after["camera_signs"]
    assert (done, total) == (1, 3)
    assert "MAU1-c0" not in without
    assert "MAU1-c1" not in without
    assert after["tip_boxes"][:2] == (2, 4)
    assert after["tip_boxes"][2] == ["Tổ dân phố số 1 MAU1", "Tổ dân phố số 4 MAU1"]


def test_the_next_group_has_the_least_left_to_do(clean: Connection) -> None:
    act_as(clean, Actor("system", MAU.id))
    clean.execute(
        sa.text(
            "UPDATE groups SET users_answer = 'not_met' WHERE external_id = 'MAU1-g1'; "
            "UPDATE groups SET places_answer = 'not_reviewed' WHERE external_id = 'MAU1-g2'; "
            "UPDATE groups SET stage = 'maintained' WHERE external_id = 'MAU1-g4'; "
            "INSERT INTO hotspots (commune_id, geom, class, state) SELECT commune_id, ST_PointOnSurface(geom), 'risk', "
            "'verified' FROM groups WHERE external_id = 'MAU1-g3'"
        )
    )
    act_as(clean, Actor("committee", MAU.id, "chi"))
    ranked = rank_groups(clean, MAU.id)
    names = [one.candidate.name for one in ranked]
    assert names == [f"Tổ dân phố số {n} MAU1" for n in (3, 2, 1)]
    # A committee reads how many hotspots a group has, and no row of them.
    assert ranked[0].parts["hotspot"] == 2
    clean.execute(sa.text("SET LOCAL ROLE gis_app"))
    assert clean.execute(sa.text("SELECT count(*) FROM hotspots")).scalar_one() == 0


def test_two_totals_that_differ_need_a_reason(officer_as: As, owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    own = len(hoa.get("/api/layers/schools/features").json["features"])
    same = hoa.post("/api/reconciliations", {"subject": "schools", "field_count": own})
    assert (same.status_code, same.json["own_count"]) == (201, own)
    bare = hoa.post("/api/reconciliations", {"subject": "schools", "field_count": own + 1, "reason": "  "})
    assert (bare.status_code, bare.json["params"]["faults"]) == (
        422,
        [{"field": "reason", "rule": "reason_of_difference"}],
    )
    said = {"subject": "schools", "field_count": own + 1, "reason": "Một điểm trường chưa nhập"}
    assert hoa.post("/api/reconciliations", said).status_code == 201
    assert len(officer_as("chi").get("/api/reconciliations").json["reconciliations"]) == 2
    assert officer_as("giang").get("/api/reconciliations").json["reconciliations"] == []
    assert officer_as("chi").post("/api/reconciliations", said).status_code == 403
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM reconciliations"))


def test_every_role_reads_figures_of_its_own_commune(officer_as: As) -> None:
    for username in ("an", "binh", "chi", "hoa", "lan"):
        for address in ("/api/indicators", "/api/data-quality", "/api/next-groups"):
            answer = officer_as(username).get(address)
            assert answer.status_code == 200, (username, address)
            assert "BEN2" not in answer.text
    planner = officer_as("binh").get("/api/data-quality").json["bars"]
    assert "hotspots" not in {check["layer"] for bar in planner for check in bar["checks"]}

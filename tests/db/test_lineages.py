"""Merge, split, rename: the history of both stays, and nothing is counted twice."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from tests.builders import MAU, tile_of
from tests.db.officers import Officer

As = Callable[[str], Officer]
NAMES = ("Tổ Đông", "Tổ Tây")


@pytest.fixture
def pair(owner_engine: Engine) -> Iterator[list[int]]:
    """Two neighbouring groups since 1 January 2026: 100 households maintained, 300 building."""
    boxes = (MAU.box(100, 100, 200, 300), MAU.box(200, 100, 300, 300))
    found = []
    with begin(owner_engine, Actor("system")) as conn:
        for name, box, stage, homes in zip(NAMES, boxes, ("maintained", "building"), (100, 300), strict=True):
            row = conn.execute(
                sa.text(
                    "INSERT INTO groups (commune_id, geom, name, stage, stage_on, household_count, resident_count, "
                    "valid_from, users_answer, users_on) VALUES (:c, ST_Multi(ST_GeomFromText(:g, 4326)), :n, :s, "
                    "'2026-01-01', :h, :r, '2026-01-01', 'met', :u) RETURNING id"
                ),
                {"c": MAU.id, "g": box.wkt, "n": name, "s": stage, "h": homes, "r": homes * 4,
                 "u": "2026-02-01" if stage == "maintained" else "2026-03-01"},
            )  # fmt: skip
            found.append(int(row.scalar_one()))
    yield found
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM group_lineages"))
        # Children have no source of their own to be known by: all but the four of the sample.
        conn.execute(sa.text("DELETE FROM groups WHERE external_id IS NULL"))
        conn.execute(sa.text("DELETE FROM group_statuses WHERE group_id NOT IN (SELECT id FROM groups)"))


def change(officer: Officer, kind: str, parents: list[int], children: list[dict], on: str = "2026-07-01"):
    body = {"kind": kind, "changed_on": on, "parents": parents, "children": children, "document": "7/NQ-HĐND"}
    return officer.post("/api/group-lineages", body)


def statuses(officer: Officer, **query: str) -> dict[int, dict]:
    return {g["group_id"]: g for g in officer.get("/api/statuses", **query).json["groups"]}


def test_a_merge_keeps_both_histories_and_counts_once(officer_as: As, pair: list[int]) -> None:
    hoa = officer_as("hoa")
    made = change(hoa, "merge", pair, [{"name": "Tổ Đông Tây"}])
    assert made.status_code == 201, made.text
    (child,) = made.json["children"]
    june, july = statuses(hoa, at="2026-06-30"), statuses(hoa, at="2026-07-01")
    assert set(pair) <= june.keys()
    assert child not in june
    assert child in july
    assert not set(pair) & july.keys()
    assert sum(g["household_count"] for g in june.values() if g["group_id"] in pair) == july[child]["household_count"]
    # Never better than its parts.
    assert (july[child]["stage"], july[child]["answers"]["users"]["on"]) == ("building", "2026-02-01")
    assert july[child]["drug_free"] == "not_reviewed"
    history = hoa.get(f"/api/groups/{child}/history").json
    assert {(e["kind"], e["parent_name"]) for e in history["lineage"]} == {("merge", name) for name in NAMES}
    assert hoa.get(f"/api/groups/{pair[0]}/history").json["spans"][-1]["valid_to"] == "2026-07-01"
    changes = {
        c["group_id"]: c
        for c in hoa.get("/api/status-changes", **{"from": "2026-06-30", "to": "2026-07-01"}).json["changes"]
    }
    assert changes[child]["before"] is None
    assert changes[pair[0]]["after"] is None


def test_an_ended_group_is_gone_from_every_door(officer_as: As, pair: list[int]) -> None:
    hoa = officer_as("hoa")
    change(hoa, "merge", pair, [{"name": "Tổ Đông Tây"}])
    z, x, y = tile_of(MAU.at(150, 200), 15)
    for address in (
        "/api/layers/groups/features?limit=100",
        "/api/layers/groups/features?f=csv",
        "/api/search?q=to dong",
        "/api/groups/counts?layer=lights",
        f"/tiles/groups/{z}/{x}/{y}",
    ):
        answer = hoa.get(address)
        assert answer.status_code == 200, address
        text = answer.data.decode(errors="ignore")
        assert "Tổ Tây" not in text, address
    assert hoa.get(f"/api/layers/groups/features/{pair[0]}").status_code == 404


def test_a_split_tiles_the_parent_and_shares_by_households(officer_as: As, pair: list[int]) -> None:
    hoa = officer_as("hoa")
    halves = [MAU.box(100, 100, 150, 300), MAU.box(150, 100, 200, 300)]
    outlines = [shapely.geometry.mapping(half) for half in halves]
    wrong = [{"name": "Tổ A", "geometry": outlines[0]}, {"name": "Tổ B", "geometry": outlines[0]}]
    assert change(hoa, "split", pair[:1], wrong).json["code"] == "lineage_not_tiling"
    missing = change(hoa, "split", pair[:1], [{"name": "Tổ A"}, {"name": "Tổ B"}])
    assert (missing.status_code, missing.json["code"]) == (422, "bad_lineage")
    children = [
        {"name": "Tổ A", "geometry": outlines[0], "household_count": 25},
        {"name": "Tổ B", "geometry": outlines[1], "household_count": 75},
    ]
    made = change(hoa, "split", pair[:1], children)
    assert made.status_code == 201, made.text
    now = statuses(hoa)
    assert [now[child]["household_count"] for child in made.json["children"]] == [25, 75]
    assert [now[child]["resident_count"] for child in made.json["children"]] == [100, 300]
    assert [now[child]["stage"] for child in made.json["children"]] == ["maintained", "maintained"]
    shares = {e["child_id"]: e["household_share"] for e in hoa.get("/api/group-lineages").json["groups"]}
    assert [shares[child] for child in made.json["children"]] == [0.25, 0.75]


def test_a_renamed_group_is_the_same_place_under_a_new_name(officer_as: As, pair: list[int]) -> None:
    hoa = officer_as("hoa")
    (child,) = change(hoa, "rename", pair[:1], [{"name": "Tổ Bình Minh"}]).json["children"]
    now = statuses(hoa)
    assert (now[child]["name"], now[child]["stage"], now[child]["household_count"]) == (
        "Tổ Bình Minh",
        "maintained",
        100,
    )


def test_open_work_goes_over_to_the_new_group(officer_as: As, pair: list[int], owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    due_on = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    body = {
        "title": "Lắp hòm thư",
        "holder_role": "data",
        "responsibility": "Cán bộ dữ liệu",
        "due_on": due_on,
        "measure": "tip_box_working",
        "wanted": 1,
        "group_id": pair[0],
    }
    made = hoa.post("/api/tasks", body)
    assert made.status_code == 201, made.text
    (child,) = change(hoa, "merge", pair, [{"name": "Tổ Đông Tây"}]).json["children"]
    assert hoa.get(f"/api/tasks/{made.json['id']}").json["group_id"] == child
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM notices; DELETE FROM tasks"))


def test_what_is_refused(officer_as: As, pair: list[int], owner_engine: Engine) -> None:
    hoa = officer_as("hoa")
    one = [{"name": "Tổ mới"}]
    assert change(hoa, "merge", pair[:1], one).json["code"] == "lineage_bad_count"
    assert change(hoa, "merge", pair, one, "2025-12-31").json["code"] == "lineage_too_early"
    assert change(hoa, "merge", pair, one, "2030-01-01").json["code"] == "lineage_too_late"
    assert change(hoa, "rename", pair[:1], [{"name": "Tổ dân phố số 2 MAU1"}]).json["code"] == "lineage_name_taken"
    assert change(officer_as("giang"), "merge", pair, one).json["code"] == "lineage_not_found"
    assert change(officer_as("chi"), "merge", pair, one).status_code == 403
    with owner_engine.begin() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM group_lineages")).scalar_one() == 0


def test_a_back_dated_renaming_undoes_no_decision(officer_as: As, pair: list[int], owner_engine: Engine) -> None:
    hoa, chi = officer_as("hoa"), officer_as("chi")
    body = {"group_id": pair[0], "to_stage": "lapsed", "effective_on": "2026-03-01"}
    body |= {"document": "1/QĐ", "reason": "Tái phát"}
    made = hoa.post("/api/stage-changes", body).json
    done = chi.post(f"/api/stage-changes/{made['id']}/decision", {"decision": "approved"}, made["version"])
    assert done.status_code == 200, done.text
    early = change(hoa, "rename", pair[:1], [{"name": "Tổ Bình Minh"}], "2026-02-01")
    assert (early.status_code, early.json["code"]) == (409, "lineage_later_facts")
    late = change(hoa, "rename", pair[:1], [{"name": "Tổ Bình Minh"}], "2026-03-02")
    (child,) = late.json["children"]
    assert statuses(hoa)[child]["stage"] == "lapsed"
    with owner_engine.begin() as conn:
        conn.execute(sa.text("DELETE FROM notices; DELETE FROM stage_changes"))

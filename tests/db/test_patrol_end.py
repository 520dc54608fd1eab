"""A shift ended at a desk: a reason for each stop where nobody came, by a plain form; nothing goes round it."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tests.db.officers import Officer
from tests.db.patrol_rows import Shift, clear, put_shift
from tests.db.test_visits import body, effort, send

OfficerAs = Callable[[str], Officer]


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    clear(owner_engine)


@pytest.fixture
def shift(owner_engine: Engine) -> Shift:
    return put_shift(owner_engine)


def post(officer: Officer, shift: Shift, **values: str) -> tuple[int, str]:
    data = {"csrf_token": officer.token, "ending": "1", **values}
    answer = officer.client.post(f"/tuan-tra/{shift.plan}/ket-thuc", data=data)
    return answer.status_code, answer.text


def test_the_page_asks_for_a_reason_of_each_stop_where_nobody_came(officer_as: OfficerAs, shift: Shift) -> None:
    an = officer_as("an")
    for stop in (shift.stops[0], shift.stops[3]):
        send(an, shift, body(stop, minutes=12))
    page = an.get(f"/tuan-tra/{shift.plan}").text
    for number, stop in enumerate(shift.stops):
        assert (f'name="reason_{stop}"' in page) is (number not in (0, 3))
    one, two, five = shift.stops[1], shift.stops[2], shift.stops[4]
    status, text = post(an, shift, **{f"reason_{one}": "unsafe"})
    assert status == 422
    assert "lý do" in text
    assert 'value="unsafe" selected' in text
    assert effort(an, shift)["state"] == "issued"
    assert post(an, shift, **{f"reason_{one}": "unsafe", "reason_all": "nonsense"})[0] == 422
    assert post(an, shift, **{f"reason_{one}": "unsafe", "reason_all": "no_time"})[0] == 303
    found = effort(an, shift)
    assert found["state"] == "done"
    assert {m["stop_id"]: m["reason"] for team in found["teams"] for m in team["missed"]} == {
        one: "unsafe", two: "no_time", five: "no_time"
    }  # fmt: skip
    page = an.get(f"/tuan-tra/{shift.plan}").text
    assert "1/3 điểm, 12 phút tại chỗ" in page
    assert "Không an toàn" in page
    assert 'data-testid="end-form"' not in page


def test_a_team_that_ended_on_its_phone_keeps_its_reasons(officer_as: OfficerAs, shift: Shift) -> None:
    an = officer_as("an")
    missed = [{"stop_id": stop, "reason": "closed"} for stop in shift.stops[:3]]
    ended = {"team": 1, "at": "2026-11-23T22:58:00+07:00", "missed": missed}
    assert an.post(f"/api/patrol-plans/{shift.plan}/walk-ends", ended).status_code == 200
    for stop in shift.stops[3:]:
        send(an, shift, body(stop))
    assert post(an, shift)[0] == 303
    found = effort(an, shift)
    assert [team["outcome"] for team in found["teams"]] == ["missed", "all_done"]
    assert {m["reason"] for m in found["teams"][0]["missed"]} == {"closed"}


def test_reasons_may_follow_when_the_shift_has_closed_itself(officer_as: OfficerAs, owner_engine: Engine) -> None:
    an, old = officer_as("an"), put_shift(owner_engine, -1)
    assert "tự đóng, chưa ghi lý do" in an.get(f"/tuan-tra/{old.plan}").text
    assert post(an, old, reason_all="called_away")[0] == 303
    assert {team["outcome"] for team in effort(an, old)["teams"]} == {"missed"}


def test_no_statement_ends_a_shift_without_reasons(
    shift: Shift, conn_as: Callable[[str], Connection], officer_as: OfficerAs
) -> None:
    conn = conn_as("an")
    with pytest.raises(sa.exc.ProgrammingError, match="does not exist"):
        conn.execute(sa.text(f"SELECT close_patrol_plan({shift.plan})"))
    assert post(officer_as("giang"), shift, reason_all="no_time")[0] == 404
    assert post(officer_as("chi"), shift, reason_all="no_time")[0] == 403

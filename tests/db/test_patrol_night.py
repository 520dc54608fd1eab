"""A shift from 22:00 to 02:00 is one shift, of the day on which it starts: form, files, visits, effort, its end."""

import datetime as dt
import io
from collections.abc import Callable, Iterator

import gpxpy
import pypdfium2
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gis_app.db import Actor, begin
from gis_app.jobs.patrol_hours import VIETNAM
from gis_app.queries.patrol_sources import fetch_visits
from gis_app.queries.visits import close_overdue
from gis_app.web import patrol_pages
from tests.builders import BEN, MAU
from tests.db import patrol as p
from tests.db.officers import Officer
from tests.db.patrol_rows import NIGHT, clear, put_shift
from tests.db.test_visits import body, send
from tests.db.test_visits import effort as visits_of

OfficerAs = Callable[[str], Officer]
MAU_SRID = 9210


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    with p.clean(owner_engine):
        yield
    clear(owner_engine)


@pytest.fixture
def an(officer_as: OfficerAs) -> Officer:
    return officer_as("an")


@pytest.fixture
def today(an: Officer) -> dt.date:
    return dt.date.fromisoformat(an.get("/api/patrol-plans/defaults").json["shift_on"])


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), VIETNAM)


def test_a_night_is_planned_issued_and_printed(
    an: Officer, engine: Engine, owner_engine: Engine, today: dt.date
) -> None:
    day = today + dt.timedelta(days=1)
    next_day = day + dt.timedelta(days=1)
    plan = p.make(an, shift_on=day.isoformat(), start="23:40", end="02:00")
    assert (plan["start"], plan["end"], plan["end_on"]) == ("23:40", "02:00", next_day.isoformat())
    assert (plan["settings"]["shift_on"], plan["settings"]["end"]) == (day.isoformat(), "02:00")
    plan = p.solve(an, engine, plan["id"])
    met = sorted((stop for stop in plan["stops"] if stop["team"]), key=lambda stop: stop["arrive_s"])
    assert any(stop["arrive"] < "02:00" for stop in met)
    for stop in met:
        assert stop["arrive"] == f"{at(day, 23, 40) + dt.timedelta(seconds=stop['arrive_s']):%H:%M}"
    assert all(route["duration_s"] <= 140 * 60 + 0.5 for route in plan["routes"])
    assert p.post(an, plan, "issue").status_code == 200
    hours = f"23:40 ({day:%d/%m}) – 02:00 ({next_day:%d/%m})"
    with owner_engine.connect() as conn:
        about = conn.execute(
            sa.text("SELECT about FROM notices WHERE link = :link"), {"link": f"/tuan-tra/{plan['id']}"}
        )
        assert about.scalar_one() == f"{day:%d/%m/%Y}, {hours}"
    for address in (f"/tuan-tra/{plan['id']}", "/tuan-tra/ca"):
        assert f"Ngày {day:%d/%m/%Y}, {hours}" in an.get(address).text
    assert hours in an.get(f"/tuan-tra/{plan['id']}/di").text
    walk = an.get(f"/api/patrol-plans/{plan['id']}/walk").json
    assert (walk["shift_on"], walk["end_on"], walk["end"]) == (day.isoformat(), next_day.isoformat(), "02:00")
    gpx = gpxpy.parse(an.get(f"/api/patrol-plans/{plan['id']}.gpx").text)
    times = sorted(point.time for point in gpx.waypoints)
    assert times == [at(day, 23, 40) + dt.timedelta(seconds=stop["arrive_s"]) for stop in met]
    assert times[-1].astimezone(VIETNAM).date() == next_day
    pdf = pypdfium2.PdfDocument(io.BytesIO(an.get(f"/api/patrol-plans/{plan['id']}.pdf").data))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert hours in text
    assert met[-1]["arrive"] in text


def test_the_form_takes_a_night_and_says_what_is_too_long(an: Officer, today: dt.date) -> None:
    form = {"csrf_token": an.token, "shift_on": today.isoformat(), "start": "22:00", "end": "02:00",
            "team_0_name": "Một", "team_0_mode": "walk", "team_0_force": "mixed"}  # fmt: skip
    made = an.client.post("/tuan-tra", data=form)
    assert made.status_code == 303
    assert 'id="end" name="end" type="time" value="02:00"' in an.get(made.location).text
    until_midnight = an.client.post("/tuan-tra", data=form | {"end": "00:00"})
    assert an.get(f"/api/patrol-plans/{until_midnight.location.rsplit('/', 1)[1]}").json["end"] == "24:00"
    refused = an.client.post("/tuan-tra", data=form | {"end": "21:00"})
    assert refused.status_code == 422
    assert (
        "ca dài nhất 12 giờ; giờ kết thúc sớm hơn hoặc bằng giờ bắt đầu được tính là của ngày hôm sau" in refused.text
    )


def test_what_happens_after_midnight_counts_for_the_first_day(
    an: Officer, owner_engine: Engine, engine: Engine, today: dt.date
) -> None:
    """Effort, days without a visit and the week's cap go by the day on which the shift starts."""
    night = put_shift(owner_engine, -2, hours=NIGHT)
    began, after = today - dt.timedelta(days=2), today - dt.timedelta(days=1)
    for stop, moment in ((night.stops[0], at(began, 23, 50)), (night.stops[1], at(after, 0, 20))):
        assert send(an, night, body(stop, at=moment.isoformat(), minutes=15)).status_code == 201
    found = an.get(f"/api/patrol-effort?from={began - dt.timedelta(days=3)}&to={today}").json
    assert {one["from"]: (one["done"], one["minutes"]) for one in found["time"] if one["done"]} == {
        began.isoformat(): (2, 30)
    }
    with begin(engine, Actor("patrol", MAU.id, "an")) as conn:
        rows = fetch_visits(conn, MAU.id, today, None, MAU_SRID)
        assert [(days, done) for _, _, days, _, done in rows] == [(2, True), (2, True)]
        gaps = "SELECT DISTINCT last_on FROM patrol_place_gaps(:here, :day, :day) WHERE last_on IS NOT NULL"
        assert conn.execute(sa.text(gaps), {"here": MAU.id, "day": began}).scalars().all() == [began]


def test_it_closes_itself_thirty_minutes_after_its_end(an: Officer, owner_engine: Engine, engine: Engine) -> None:
    with owner_engine.connect() as conn:
        closes = conn.exec_driver_sql("SELECT patrol_closes_at('2026-11-23', 1560)").scalar_one()
        assert closes == at(dt.date(2026, 11, 24), 2, 30)
    old, running = put_shift(owner_engine, -2, hours=NIGHT), put_shift(owner_engine, 0, hours=NIGHT)
    put_shift(owner_engine, -2, BEN, hours=NIGHT)
    with engine.begin() as conn:
        conn.exec_driver_sql("SELECT set_config('app.role', 'system', true)")
        assert close_overdue(conn) == 2
    assert visits_of(an, old)["state"] == "done"
    assert visits_of(an, running)["state"] == "issued"


def test_tonight_at_half_past_midnight_is_yesterdays_shift(
    an: Officer, owner_engine: Engine, today: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    night, tomorrow = put_shift(owner_engine, 0, hours=NIGHT), today + dt.timedelta(days=1)
    later = put_shift(owner_engine, 1)

    def shown(moment: dt.datetime) -> str:
        monkeypatch.setattr(patrol_pages, "now", lambda: moment.astimezone(dt.UTC))
        return str(an.get("/tuan-tra").text)

    for moment in (at(today, 12), at(today, 23, 59), at(tomorrow, 0, 30), at(tomorrow, 2, 29)):
        text = shown(moment)
        assert f'data-plan="{night.plan}"' in text, moment
        assert f"22:00 ({today:%d/%m}) – 02:00 ({tomorrow:%d/%m})" in text
        assert "Ca tối nay" in text
    assert f'data-plan="{later.plan}"' in shown(at(tomorrow, 2, 30))
    assert "Lập ca mới" in shown(at(tomorrow + dt.timedelta(days=1), 0, 30))


def test_the_database_bounds_a_shift(owner_engine: Engine) -> None:
    for hours in ((1320, 1320 + 721), (1440, 1500), (600, 600), (-1, 60)):
        with pytest.raises(sa.exc.IntegrityError, match="patrol_plans_hours_range"):
            put_shift(owner_engine, 1, hours=hours)
    assert put_shift(owner_engine, 1, hours=(1439, 1439 + 720)).plan

"""The API against its own document, with requests that schemathesis invents, in a database of its own."""

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import pytest
import schemathesis
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from gis_app import create_app
from gis_app.db import OWNER_ROLE, Actor, begin, driver_url, make_engine
from gis_app.jobs.migrate import migrate
from gis_app.settings import Settings
from tests.builders import BEN, MAU, PASSWORD, make_cast, make_commune

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
# They end the session with which everything else is asked.
SELF_ENDING = ("session.delete_session",)
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "20"))

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def own_app(urls: tuple[str, str], settings: Settings) -> Iterator[Flask]:
    """The application on a database that nobody else counts the rows of."""
    found = [url.replace("/gis_test_", "/gis_invented_") for url in urls]
    name = f"gis_invented_{os.getpid()}"
    server = sa.create_engine(driver_url(urls[1]), isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    migrate(found[1])
    owner = make_engine(found[1], role=OWNER_ROLE)
    with begin(owner, Actor("system")) as conn:
        for place in (MAU, BEN):
            make_commune(conn, place)
        make_cast(conn)
    owner.dispose()
    app = create_app(Settings(found[0], found[1], settings.secret_key, settings.var_dir))
    yield app
    app.extensions["engine"].dispose()
    with server.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(scope="module")
def signed_in(own_app: Flask) -> dict[str, dict[str, str]]:
    """Cookies and headers of Hoa, data officer."""
    client = own_app.test_client()
    client.post("/api/session", json={"username": "hoa", "password": PASSWORD})
    token = client.get("/api/session").json["csrf_token"]
    cookies = {cookie.key: cookie.value for cookie in client._cookies.values()}
    return {"cookies": cookies, "headers": {"X-CSRFToken": token}}


@pytest.fixture(scope="module")
def api(own_app: Flask) -> object:
    """What the document says."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", own_app).exclude(operation_id=list(SELF_ENDING))


# Invented names and numbers find no row; these do, three times out of four.
LIKELY: dict[str, list[object]] = {
    "name": ["lights", "hotspots", "groups", "cameras", "roads"],
    "layer": ["lights", "cameras", "facilities"],
    "places": ["hotspots", "schools"],
    "devices": ["lights", "cameras"],
    "feature_id": [1, 2, 3],
    "distance_m": [50, 2000],
    "bbox": ["105,20,107,21"],
    "near": ["105.9,20.82"],
    "tileset": ["groups", "lights", "streets"],
    "z": [14],
    "x": [13010],
    "y": [7220],
    "q": ["pho", "to dan pho"],
    "limit": [5],
    "username": ["an"],
    "If-Match": ['"1"', '"2"'],
}


def make_likely(case: schemathesis.Case, number: int) -> None:
    """Put in values that exist; the rest stays as invented."""
    for values in (case.path_parameters, case.query, case.headers):
        for name in values or ():
            if name in LIKELY and number % 4:
                values[name] = LIKELY[name][number % len(LIKELY[name])]


def ask(
    operation: schemathesis.APIOperation,
    mode: schemathesis.GenerationMode,
    signed_in: dict[str, dict[str, str]],
    statuses: Counter[int],
) -> None:
    """Invented requests of one operation; schemathesis's own pytest plugin does not know this pytest yet."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True,
              database=None)  # fmt: skip
    def run(case: schemathesis.Case) -> None:
        make_likely(case, sum(statuses.values()) if mode is schemathesis.GenerationMode.POSITIVE else 0)
        key = {"Idempotency-Key": uuid4().hex} if case.method == "POST" else {}
        who = {"cookies": signed_in["cookies"], "headers": signed_in["headers"] | key}
        answer = case.call(**who)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS, transport_kwargs=who)

    with contextlib.suppress(Unsatisfiable):
        # An operation without parameters has no wrong ones.
        run()


def test_no_server_error_and_answers_as_documented(
    api: schemathesis.BaseSchema, signed_in: dict[str, dict[str, str]]
) -> None:
    faults, count, statuses = {}, 0, Counter[int]()
    for found in api.get_all_operations():
        operation = found.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            try:
                ask(operation, mode, signed_in, statuses)
            except (schemathesis.checks.Failure, BaseExceptionGroup) as error:
                faults[f"{operation.label} {mode.value}"] = error
        count += 1
    assert count > 20
    # Not all at the door: much of what is invented is let in, and answered.
    assert statuses[200] > 60, statuses
    assert faults == {}, "\n".join(f"{label}: {error!r}" for label, error in faults.items())

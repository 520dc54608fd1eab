"""Own account, and the accounts of a commune: who may do what to whom, invitations, passwords."""

import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.db import Actor, act_as, begin
from gis_app.jobs.accounts import set_account
from gis_app.jobs.passwords import fault_of
from tests.builders import BEN, CAST, MAU, PASSWORD

PAGE = "/quan-tri/tai-khoan"
NEW = "sông xanh bốn mùa gió"
DEEDS = ("vai-tro", "khoa", "mo", "bo-cho")


def post(client: FlaskClient, address: str, **fields: str) -> tuple[int, str]:
    """Send a form as a page does: status, and text or where it leads."""
    token = client.get("/api/session").json.get("csrf_token")
    if token is None:
        page = client.get(address).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]
    answer = client.post(address, data={"csrf_token": token, **fields}, headers={"Accept": "text/html"})
    return answer.status_code, answer.headers.get("Location") or answer.text


def status_of(app: Flask, username: str, password: str = PASSWORD) -> int:
    return app.test_client().post("/api/session", json={"username": username, "password": password}).status_code


@pytest.fixture
def crew(owner_engine: Engine) -> Iterator[dict[str, int]]:
    """Administrators and officers of both communes, made afresh: user name -> account id."""
    wanted = {
        "quan-tri.mau": ("admin", MAU.id),
        "quan-tri.ben": ("admin", BEN.id),
        "tuan-tra.mau": ("patrol", MAU.id),
        "tuan-tra.ben": ("patrol", BEN.id),
    }
    with begin(owner_engine, Actor("system")) as conn:
        for username, (role, commune_id) in wanted.items():
            set_account(conn, username, PASSWORD, role, commune_id)
        ids = dict(conn.execute(sa.text("SELECT username, id FROM accounts")).all())
    yield ids
    with begin(owner_engine, Actor("system")) as conn:
        conn.execute(sa.text("DELETE FROM invitations"))
        conn.execute(sa.text("DELETE FROM accounts WHERE NOT username = ANY(:cast)"), {"cast": list(CAST)})


def state(owner_engine: Engine, account_id: int) -> tuple[str, bool, int | None]:
    with owner_engine.begin() as conn:
        row = conn.execute(
            sa.text("SELECT role, is_active, commune_id FROM accounts WHERE id = :id"), {"id": account_id}
        ).one()
        return tuple(row)


@pytest.mark.parametrize("username", list(CAST))
@pytest.mark.parametrize("target", ["tuan-tra.mau", "tuan-tra.ben", "quantri"])
@pytest.mark.parametrize("deed", DEEDS)
def test_only_the_administrator_of_a_commune_manages(
    deed: str,
    target: str,
    username: str,
    crew: dict[str, int],
    client_as: Callable[[str | None], FlaskClient],
    owner_engine: Engine,
) -> None:
    before = state(owner_engine, crew[target])
    status, _ = post(client_as(username), f"{PAGE}/{crew[target]}/{deed}", role="data")
    assert status == 403
    assert state(owner_engine, crew[target]) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_a_foreign_account_answers_like_a_missing_one(
    deed: str, crew: dict[str, int], client_as: Callable[[str | None], FlaskClient], owner_engine: Engine
) -> None:
    client = client_as("quan-tri.mau")
    foreign = [crew["tuan-tra.ben"], crew["quan-tri.ben"], crew["quantri"]]
    before = [state(owner_engine, n) for n in foreign]
    answers = [post(client, f"{PAGE}/{n}/{deed}", role="admin") for n in (*foreign, 2**31 - 1, 2**62)]
    without_ids = {(status, re.sub(r"<code>\w+</code>", "", text)) for status, text in answers}
    assert len(without_ids) == 1
    assert answers[0][0] == 404
    assert [state(owner_engine, n) for n in foreign] == before


def test_the_page_lists_the_own_commune(crew: dict[str, int], client_as: Callable[[str | None], FlaskClient]) -> None:
    page = client_as("quan-tri.mau").get(PAGE).text
    assert "tuan-tra.mau" in page
    for name in ("tuan-tra.ben", "quan-tri.ben", "quantri", "giang"):
        assert name not in page


def test_an_administrator_of_the_system_manages_where_he_has_entered(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient]
) -> None:
    client = client_as("quantri")
    assert client.get(PAGE).status_code == 403
    assert post(client, "/api/session/commune", commune_id=str(BEN.id))[0] == 302
    page = client.get(PAGE).text
    assert "tuan-tra.ben" in page
    assert "tuan-tra.mau" not in page


def test_role_closing_opening_unlocking(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient], app: Flask, owner_engine: Engine
) -> None:
    admin, officer = client_as("quan-tri.mau"), client_as("tuan-tra.mau")
    number = crew["tuan-tra.mau"]
    assert post(admin, f"{PAGE}/{number}/vai-tro", role="planner") == (302, f"{PAGE}?done=role")
    assert state(owner_engine, number) == ("planner", True, MAU.id)
    assert officer.get("/api/session").status_code == 401
    officer = client_as("tuan-tra.mau")
    assert officer.get("/api/session").json["role"] == "planner"
    assert post(admin, f"{PAGE}/{number}/khoa")[0] == 302
    assert officer.get("/api/session").status_code == 401
    assert status_of(app, "tuan-tra.mau") == 401
    assert post(admin, f"{PAGE}/{number}/mo")[0] == 302
    assert officer.get("/api/session").status_code == 401
    assert [status_of(app, "tuan-tra.mau", "wrong") for _ in range(3)] == [401] * 3
    assert status_of(app, "tuan-tra.mau") == 429
    assert post(admin, f"{PAGE}/{number}/bo-cho")[0] == 302
    assert status_of(app, "tuan-tra.mau") == 200


def test_nobody_is_raised_above_the_commune(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient], owner_engine: Engine
) -> None:
    admin, number = client_as("quan-tri.mau"), crew["tuan-tra.mau"]
    for role in ("city", "system", "gate", "", "admin'"):
        assert post(admin, f"{PAGE}/{number}/vai-tro", role=role)[0] == 422
        assert post(admin, f"{PAGE}/moi", username="moi.den", role=role)[0] == 422
    assert post(admin, f"{PAGE}/{number}/vai-tro", role="admin", commune_id="")[0] == 302
    assert state(owner_engine, number) == ("admin", True, MAU.id)
    raised = client_as("tuan-tra.mau")
    assert post(raised, "/api/session/commune", commune_id=str(BEN.id))[0] == 403
    assert raised.get("/api/session").json["commune"]["id"] == MAU.id


def test_nobody_closes_or_changes_the_own_account(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient], owner_engine: Engine
) -> None:
    admin, number = client_as("quan-tri.mau"), crew["quan-tri.mau"]
    assert post(admin, f"{PAGE}/{number}/khoa")[0] == 409
    assert post(admin, f"{PAGE}/{number}/vai-tro", role="data")[0] == 409
    assert state(owner_engine, number) == ("admin", True, MAU.id)


def test_the_database_holds_it_without_the_pages(crew: dict[str, int], engine: Engine) -> None:
    with engine.connect() as conn:
        act_as(conn, Actor("admin", MAU.id, "quan-tri.mau"))
        changed = conn.execute(sa.text("UPDATE accounts SET role = role WHERE commune_id <> 90001 OR role = 'admin'"))
        assert changed.rowcount == 1
        for table in ("second_factors", "sessions", "access_tokens", "invitations"):
            assert conn.execute(sa.text(f"SELECT count(*) FROM {table} WHERE false")).scalar_one() == 0
        foreign = "SELECT count(*) FROM sessions WHERE account_id = :id"
        assert conn.execute(sa.text(foreign), {"id": crew["dung"]}).scalar_one() == 0
        for statement in (
            "UPDATE accounts SET commune_id = NULL",
            "UPDATE accounts SET username = 'x'",
            "DELETE FROM accounts",
            "UPDATE second_factors SET secret_encrypted = ''",
            "UPDATE access_tokens SET scope = 'write'",
            "UPDATE invitations SET role = 'admin'",
        ):
            nested = conn.begin_nested()
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                conn.execute(sa.text(statement))
            nested.rollback()
        for statement in (
            "INSERT INTO accounts (username, password_hash, role) VALUES ('x', 'x', 'admin')",
            "INSERT INTO sessions (token_hash, account_id, expires_at) VALUES ('x', 1, now())",
            "INSERT INTO invitations (token_hash, commune_id, username, role, invited_by, expires_at) "
            "VALUES ('x', 90002, 'xxx', 'data', '', now())",
        ):
            nested = conn.begin_nested()
            with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
                conn.execute(sa.text(statement))
            nested.rollback()
        for role in ("data", "supervisor", "patrol", "anonymous"):
            act_as(conn, Actor(role, MAU.id))
            for table in ("accounts", "sessions", "second_factors", "access_tokens", "invitations"):
                assert conn.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, (role, table)
        conn.rollback()


@pytest.mark.parametrize(("role", "commune_id"), [("city", MAU.id), ("data", None), ("supervisor", None)])
def test_other_roles_keep_their_rule_of_place(role: str, commune_id: int | None, owner_engine: Engine) -> None:
    with owner_engine.connect() as conn:
        act_as(conn, Actor("system"))
        with pytest.raises(sa.exc.IntegrityError, match="accounts_commune_rule"):
            set_account(conn, "sai", PASSWORD, role, commune_id)


def invite(client: FlaskClient, username: str, role: str = "data") -> str:
    status, page = post(client, f"{PAGE}/moi", username=username, role=role)
    assert status == 200, page
    return re.search(r'value="http://localhost(/moi/[^"]+)"', page)[1]  # type: ignore[index]


def test_an_invitation_makes_an_account_once(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient], app: Flask, owner_engine: Engine
) -> None:
    admin = client_as("quan-tri.mau")
    link = invite(admin, "du-lieu.mau")
    stored = link.removeprefix("/moi/")
    with owner_engine.begin() as conn:
        assert stored not in str(conn.execute(sa.text("SELECT * FROM invitations")).all())
    assert stored not in admin.get(PAGE).text
    person = app.test_client()
    page = person.get(link).text
    assert "du-lieu.mau" in page
    assert "Xã Mẫu" in page
    assert post(person, link, new_password=NEW, again="x")[0] == 422
    assert post(person, link, new_password="ngan", again="ngan")[0] == 422
    assert post(person, link, new_password=NEW, again=NEW) == (302, "/")
    session = person.get("/api/session").json
    assert (session["username"], session["role"], session["commune"]["id"]) == ("du-lieu.mau", "data", MAU.id)
    assert app.test_client().get(link).status_code == 404
    assert post(person, link.replace("/moi/", "/moi/x"), new_password=NEW, again=NEW)[0] == 404
    with owner_engine.begin() as conn:
        entries = conn.execute(
            sa.text("SELECT action, commune_id FROM audit_entries WHERE action LIKE 'invit%' ORDER BY id DESC LIMIT 2")
        )
        assert [tuple(e) for e in entries] == [("invitation_accepted", MAU.id), ("invited", MAU.id)]


def test_old_replaced_and_withdrawn_invitations_are_void(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient], app: Flask, owner_engine: Engine
) -> None:
    admin, other, stranger = client_as("quan-tri.mau"), client_as("quan-tri.ben"), app.test_client()
    first, second = invite(admin, "moi.mau"), invite(admin, "moi.mau")
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    with owner_engine.begin() as conn:
        number = conn.execute(sa.text("SELECT id FROM invitations WHERE username = 'moi.mau'")).scalar_one()
        left = conn.execute(sa.text("SELECT expires_at - created_at FROM invitations")).scalar_one()
    assert abs(left.total_seconds() - 72 * 3600) < 60
    assert post(other, f"{PAGE}/moi/{number}")[0] == 404
    assert stranger.get(second).status_code == 200
    assert post(admin, f"{PAGE}/moi/{number}")[0] == 302
    assert stranger.get(second).status_code == 404
    third = invite(admin, "moi.mau")
    with owner_engine.begin() as conn:
        conn.execute(sa.text("UPDATE invitations SET expires_at = now() - interval '1 s'"))
    assert stranger.get(third).status_code == 404


@pytest.mark.parametrize("username", ["tuan-tra.ben", "giang", "A B", "x", "<script>", "é" * 5, "a" * 41])
def test_names_that_cannot_be_invited(
    username: str, crew: dict[str, int], client_as: Callable[[str | None], FlaskClient]
) -> None:
    status, page = post(client_as("quan-tri.mau"), f"{PAGE}/moi", username=username, role="data")
    assert status in (409, 422)
    assert "Bên" not in page


def test_without_a_csrf_token_no_form_works(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient]
) -> None:
    client = client_as("quan-tri.mau")
    for address in (f"{PAGE}/moi", f"{PAGE}/{crew['tuan-tra.mau']}/khoa", "/tai-khoan/mat-khau", "/tai-khoan/phien"):
        assert client.post(address, data={"role": "data"}).status_code == 400


def test_a_new_password_ends_other_sessions(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient], app: Flask
) -> None:
    here, there = client_as("tuan-tra.mau"), client_as("tuan-tra.mau")
    change = {"old_password": PASSWORD, "new_password": NEW, "again": NEW}
    address = "/tai-khoan/mat-khau"
    assert post(here, address, **change | {"old_password": "wrong"})[0] == 401
    assert post(here, address, **change | {"again": "other"})[0] == 422
    assert there.get("/api/session").status_code == 200
    assert post(here, address, **change) == (302, "/tai-khoan?done=password")
    assert here.get("/api/session").status_code == 200
    assert there.get("/api/session").status_code == 401
    assert status_of(app, "tuan-tra.mau") == 401
    assert status_of(app, "tuan-tra.mau", NEW) == 200


def test_guessing_the_old_password_is_slowed(
    crew: dict[str, int], client_as: Callable[[str | None], FlaskClient]
) -> None:
    client = client_as("tuan-tra.mau")
    change = {"old_password": "wrong", "new_password": NEW, "again": NEW}
    assert [post(client, "/tai-khoan/mat-khau", **change)[0] for _ in range(4)] == [401, 401, 401, 429]


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "password_short"),
        ("tuan-tra.mau", "password_is_name"),
        ("Tuan Tra Mau 1", "password_is_name"),
        ("123456789012", "password_common"),
        ("matkhau12345", "password_common"),
        ("Mật khẩu 12345", "password_common"),
        ("Password!!2026", "password_common"),
        ("aaaaaaaaaaaaaaa", "password_common"),
        ("x" * 201, "password_long"),
        ("a\x00bcdefghijklmn", "password_long"),
        (NEW, None),
        (PASSWORD, None),
        ("correct horse battery", None),
    ],
)
def test_easy_passwords_are_refused(password: str, fault: str | None) -> None:
    assert fault_of(password, "tuan-tra.mau") == fault


@pytest.mark.parametrize("username", list(CAST))
def test_everybody_sees_and_ends_own_sessions_only(
    username: str, client_as: Callable[[str | None], FlaskClient], owner_engine: Engine
) -> None:
    here, there, foreign = client_as(username), client_as(username), client_as("an" if username != "an" else "binh")
    assert here.get("/tai-khoan").status_code == 200
    with owner_engine.begin() as conn:
        last = conn.execute(sa.text("SELECT id FROM sessions ORDER BY id DESC LIMIT 3")).scalars().all()
    foreign_id, there_id, here_id = last
    page = here.get("/tai-khoan").text
    assert f"/tai-khoan/phien/{there_id}" in page
    assert f"/tai-khoan/phien/{foreign_id}" not in page
    assert f"/tai-khoan/phien/{here_id}" not in page
    for number in (foreign_id, 2**62, 2**70):
        assert post(here, f"/tai-khoan/phien/{number}")[0] == 404
    assert foreign.get("/api/session").status_code == 200
    assert post(here, f"/tai-khoan/phien/{there_id}")[0] == 302
    assert there.get("/api/session").status_code == 401
    again = client_as(username)
    assert post(here, "/tai-khoan/phien")[0] == 302
    assert (again.get("/api/session").status_code, here.get("/api/session").status_code) == (401, 200)

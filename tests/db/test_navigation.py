"""Where a role begins, what its phone shows below, what the pages lead to."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gis_app.web import nav
from layers.base import ROLES
from tests.builders import MAU, PASSWORD
from tests.db.tip_kit import open_tips, wipe_tips

Client = Callable[[str | None], FlaskClient]
LANDINGS = {
    "an": "/tuan-tra", "binh": "/do-phu", "chi": "/tong-quan", "hoa": "/du-lieu", "lan": "/tong-quan", "quantri": "/",
}  # fmt: skip


def enter(client: FlaskClient, **fields: str) -> str:
    page = client.get("/dang-nhap").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    return client.post("/dang-nhap", data={"csrf_token": token[1], "password": PASSWORD, **fields}).headers["Location"]


@pytest.mark.parametrize(("username", "address"), LANDINGS.items())
def test_each_role_begins_at_its_own_page(username: str, address: str, app: Flask) -> None:
    assert enter(app.test_client(), username=username) == address
    # A page that was asked for comes first.
    assert enter(app.test_client(), username=username, next="/lo-trinh") == "/lo-trinh"


@pytest.mark.parametrize("role", ROLES)
def test_the_tabs_of_a_role_are_pages_that_it_may_open(role: str) -> None:
    mine = {page.name for page in nav._pages() if role in page.roles} | {"map"}
    assert len(set(nav.TABS[role])) == 4
    assert set(nav.TABS[role]) <= mine


@pytest.mark.parametrize("username", ["an", "binh", "chi", "hoa", "lan"])
def test_every_link_of_the_frame_opens(username: str, client_as: Client) -> None:
    client = client_as(username)
    page = client.get("/thong-bao").text
    links = set(re.findall(r'<a href="(/[^"]*)" data-testid="(?:nav|tab)-', page))
    assert len(links) > 8
    assert ("/nhat-ky" in links) == (username == "lan")
    for link in sorted(links):
        assert client.get(link, headers={"Accept": "text/html"}).status_code == 200, link


def test_a_theme_is_chosen_by_a_form(client_as: Client) -> None:
    client = client_as("an")
    token = client.get("/api/session").json["csrf_token"]

    def choose(**fields: str) -> tuple[int, str | None]:
        answer = client.post("/giao-dien", data={"csrf_token": token, **fields})
        return answer.status_code, answer.headers.get("Location")

    assert choose(theme="dark", next="/viec?trang-thai=late") == (303, "/viec?trang-thai=late")
    assert 'data-theme="dark"' in client.get("/viec").text
    assert choose(theme="light", next="//evil.example") == (303, "/")
    assert choose(theme="pink")[0] == 400


def test_the_other_language_is_the_same_page(client_as: Client) -> None:
    page = client_as("hoa").get("/du-lieu?kind=quarter&day=2026-11-01").text
    assert 'href="/du-lieu?kind=quarter&amp;day=2026-11-01&amp;lang=en"' in page


def test_residents_find_the_form_where_a_commune_takes_tips(client_as: Client, owner_engine: Engine) -> None:
    stranger = client_as(None)
    for address in ("/dang-nhap", "/cong-khai"):
        assert 'href="/tin' not in stranger.get(address).text, address
    open_tips(owner_engine, MAU)
    try:
        for address in ("/dang-nhap", "/cong-khai"):
            assert 'href="/tin' in stranger.get(address).text, address
        assert 'href="/cong-khai' in stranger.get("/tin").text
    finally:
        wipe_tips(owner_engine)


@pytest.mark.parametrize(
    ("username", "address", "ways"),
    [
        ("chi", "/viec/999999", ["/viec", "/"]),
        ("chi", "/khong-co", ["/"]),
        # The page above is not this role's.
        ("chi", "/tuan-tra/trong-so", ["/"]),
        ("an", "/tuan-tra/999999", ["/tuan-tra", "/"]),
        (None, "/tin/khong-co", ["/tin"]),
        (None, "/cong-khai?xa=1", ["/cong-khai"]),
    ],
)
def test_an_error_leads_out(username: str | None, address: str, ways: list[str], client_as: Client) -> None:
    answer = client_as(username).get(address, headers={"Accept": "text/html"})
    assert answer.status_code in (403, 404)
    assert re.findall(r'class="button[^"]*" href="([^"]+)"', answer.text) == ways

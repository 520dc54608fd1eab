"""Geotagged photos through the wizard: their place is taken, nothing of them is kept."""

import html
import io
import zipfile
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection, Engine

from tests.builders import MAU
from tests.db.import_kit import Wizard, forget_imports, run_jobs_now
from tests.photo_kit import SECRET, encoded, gps_exif, photo_at, picture

HERE = MAU.at(1100, 700)


@pytest.fixture
def hoa(client_as: Callable[[str | None], FlaskClient], engine: Engine) -> Wizard:
    """The data officer of Xã Mẫu."""
    return Wizard(client_as("hoa"), engine)


@pytest.fixture(autouse=True)
def _clean(owner_engine: Engine) -> Iterator[None]:
    yield
    forget_imports(owner_engine)


def three(kind: str = "JPEG") -> list[tuple[str, bytes]]:
    """Two photos with a direction and one without."""
    spots = [MAU.at(1100 + 40 * n, 700) for n in range(3)]
    return [
        (f"IMG_{n}.jpg", photo_at(spots[n].x, spots[n].y, direction, kind))
        for n, direction in enumerate((45.0, 245.5, None))
    ]


def checked(hoa: Wizard, files: list[tuple[str, bytes]], layer: str = "cameras") -> dict[str, object]:
    """The import of the files, every guess taken."""
    answer = hoa.send(*files[0], layer, *files[1:])
    assert answer.status_code == 303, answer.text
    run_jobs_now(hoa.engine)
    assert hoa.choose(hoa.guessed()).status_code == 303, hoa.state()
    return hoa.check()["report"]


@pytest.mark.parametrize("packed", [False, True])
def test_photos_become_cameras(hoa: Wizard, conn_as: Callable[[str], Connection], *, packed: bool) -> None:
    """T-D5: position and direction are taken; both ways to send them make the same rows."""
    files = three("PNG" if packed else "JPEG")
    if packed:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in files:
                archive.writestr(f"anh chup/{name}", content)
            archive.writestr("__MACOSX/._x", b"x")
        files = [("khao sat.zip", out.getvalue())]
    report = checked(hoa, files)
    assert report["is_good"], report["faults"]
    assert report["inserted"] == 3
    found = hoa.state()
    assert found["options"]["srid"] == 4326
    assert found["byte_count"] == sum(len(content) for _, content in files)
    assert found["file_name"] == ("khao sat (3).jpg" if packed else "IMG_0 (3).jpg")
    assert hoa.apply()["state"] == "applied"
    rows = conn_as("hoa").execute(
        sa.text(
            "SELECT azimuth_deg, ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(:x, :y), 4326)::geography) "
            "FROM cameras WHERE source LIKE 'import: %' ORDER BY azimuth_deg"
        ),
        {"x": HERE.x, "y": HERE.y},
    )
    wanted = [(45.0, 0.0), (245.5, 40.0), (None, 80.0)]
    assert [(row[0], pytest.approx(row[1], abs=0.5)) for row in rows] == wanted
    assert hoa.undo()["state"] == "undone"


def test_nothing_of_a_photo_is_kept(hoa: Wizard, owner_engine: Engine) -> None:
    name, content = three()[0]
    assert SECRET in content
    assert hoa.send(name, content, "notice_boards").status_code == 303
    with owner_engine.connect() as conn:
        conn.exec_driver_sql("SET app.role = 'system'")
        kept = b"".join(bytes(row[0]) for row in conn.exec_driver_sql("SELECT content FROM import_parts"))
    assert kept.startswith(b'{"photos"')
    assert SECRET not in kept
    assert b"\xff\xd8" not in kept
    assert len(kept) < 300


def test_a_photo_without_a_place_is_a_row_with_a_reason(hoa: Wizard) -> None:
    bad = [
        ("tin-nhan.jpg", encoded(picture(), "JPEG")),
        ("may-moi.heic", b"\x00\x00\x00\x18ftypheic" + bytes(80)),
        ("hong.jpg", b"\xff\xd8\xff\xe0"),
        ("so.png", encoded(picture(), "PNG")),
        ("0912345678.jpg", encoded(picture(), "JPEG", exif=gps_exif(lat=(200.0, 0.0, 0.0)))),
    ]
    report = checked(hoa, [*three(), *bad])
    assert [(one["number"], one["value"], one["rule"]) for one in report["faults"]] == [
        (4, "tin-nhan.jpg", "photo_no_place"),
        (5, "may-moi.heic", "photo_heic"),
        (6, "hong.jpg", "photo_format"),
        (7, "so.png", "photo_no_place"),
        (8, "tep.jpg", "photo_no_place"),
    ]
    page = html.unescape(hoa.page())
    assert "tin-nhan.jpg" in page
    assert "Ảnh không ghi nơi chụp" in page
    assert 'data-testid="apply"' not in page


def test_photos_from_elsewhere_are_blocked(hoa: Wizard) -> None:
    assert hoa.send("HaNoi.jpg", photo_at(105.85, 21.03, 10.0), "cameras").status_code == 303
    run_jobs_now(hoa.engine)
    assert hoa.choose("4326").status_code == 422
    assert "cách địa bàn" in html.unescape(hoa.page())


def test_near_duplicates_of_photos_are_told(hoa: Wizard) -> None:
    spot = MAU.at(506, 500)
    near = checked(hoa, [("a.jpg", photo_at(spot.x, spot.y, 10.0))])["near"]
    assert (near["count"], near["rows"][0]["distance_m"]) == (1, pytest.approx(6.0, abs=0.1))


@pytest.mark.parametrize(
    ("files", "layer", "text"),
    [
        ([("a.jpg", b"x")], "roads", "hãy chọn lớp có hình điểm"),
        ([("a.jpg", b"x"), ("b.csv", b"lon,lat\n1,2\n")], "cameras", "Mỗi lần một tệp"),
        ([("a.csv", b"x"), ("b.csv", b"lon,lat\n1,2\n")], "cameras", "Mỗi lần một tệp"),
        ([("a.jpg", b"")], "cameras", "không có dòng nào"),
        ([(f"{n}.jpg", b"x") for n in range(201)], "cameras", "tối đa 200 ảnh"),
    ],
)
def test_what_the_door_refuses(hoa: Wizard, files: list[tuple[str, bytes]], layer: str, text: str) -> None:
    answer = hoa.send(*files[0], layer, *files[1:])
    assert answer.status_code == 422
    assert text in html.unescape(answer.text)


def test_hostile_archives_of_photos(hoa: Wizard) -> None:
    """The limits of every archive hold; the answer is the door's, and nothing is kept."""
    bomb, slip, lies = (io.BytesIO() for _ in range(3))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", bytes(70 * 2**20))
    with zipfile.ZipFile(slip, "w") as archive:
        archive.writestr("../../a.jpg", b"x")
    with zipfile.ZipFile(lies, "w") as archive:
        for number in range(300):
            archive.writestr(f"{number}.jpg", b"x")
    for content, text in ((bomb, "nén"), (slip, "nén"), (lies, "nén")):
        answer = hoa.send("anh.zip", content.getvalue(), "cameras")
        assert answer.status_code == 422
        assert text in html.unescape(answer.text).split('data-testid="error"')[1][:300]
    cut = slip.getvalue()[:-30]
    assert hoa.send("anh.zip", cut, "cameras").status_code in (303, 422)


def test_only_data_officers(client_as: Callable[[str | None], FlaskClient], engine: Engine) -> None:
    for name in ("chi", "binh", "an"):
        assert Wizard(client_as(name), engine).send(*three()[0], "cameras").status_code == 403

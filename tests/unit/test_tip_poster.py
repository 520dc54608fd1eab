"""The poster of a box: telephone numbers stand on one line each, above the foot."""

import pypdfium2
import pytest

from gis_app.formats.tip_poster import Poster, Posters, write

PHONES = (
    "Khẩn cấp: 113",
    "Công an phường, xã: 0225 000 0001",
    "Phòng Cảnh sát điều tra tội phạm về ma túy (PC04): 0225 000 0002",
    "Cục Cảnh sát điều tra tội phạm về ma túy (C04): 069 000 0003",
)


@pytest.mark.parametrize("size", ["A4", "A5"])
def test_numbers_are_not_broken(size: str) -> None:
    lines = ("Đèn hỏng, nơi tối", "Quét mã bằng máy ảnh điện thoại. Không cần tên, số điện thoại, tài khoản.", "Tin")
    told = Posters(
        commune="Phường Kiến An, thành phố Hải Phòng", is_demo=True, lines=lines, phones=PHONES, title="Báo tin",
        foot="Bản đồ Bình Yên", posters=[Poster("Tổ dân phố số 1", "https://example.org/tin/11443-h24-ZY58G", "Cổng")],
    )  # fmt: skip
    text = pypdfium2.PdfDocument(write(told, size))[0].get_textpage()

    def box(words: str) -> list[tuple[float, ...]]:
        found = text.search(words).get_next()
        assert found, words
        return [text.get_rect(n) for n in range(text.count_rects(*found))]

    (foot,) = box("Bản đồ Bình Yên")
    for phone in PHONES:
        (line,) = box(phone)
        assert line[1] > foot[3]

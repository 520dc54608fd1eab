"""The alphabets of before Unicode: complete tables, and guesses that Vietnamese words decide."""

import itertools
import unicodedata

import pytest

from gis_app.formats.encodings import best_reading, decode, readings, text_readings
from gis_app.formats.vietnamese import TCVN3, VNI, from_tcvn3, from_vni, is_syllable, vietnamese_share

TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
VOWELS = [unicodedata.normalize("NFC", v + tone) for v, tone in itertools.product("aăâeêioôơuưy", TONES)]
SMALL = [*VOWELS, "đ"]
ACCENTED = [letter for letter in SMALL if not letter.isascii()]
# What survey files of the 1990s say; independent of the tables: typed from the fonts' own charts.
KNOWN_TCVN3 = {"Tr¹i Mòa": "Trại Mũa", "V©n CÇu": "Vân Cầu", "Kim ChuÕ": "Kim Chuế", "øng Mé": "ứng Mộ",
               "§\u00ad\u00adêng": "Đưường", "Tiªn LiÖt": "Tiên Liệt", "H÷u Chung": "Hữu Chung"}  # fmt: skip
KNOWN_VNI = {"Traïi Muõa": "Trại Mũa", "Vaân Caàu": "Vân Cầu", "Kim Chueá": "Kim Chuế", "ÖÙng Moä": "Ứng Mộ",
             "ñöôøng": "đường", "Tieân Lieät": "Tiên Liệt", "Höõu Chung": "Hữu Chung",
             "kyõ thuaät": "kỹ thuật"}  # fmt: skip


def test_every_small_letter_has_its_byte() -> None:
    assert {TCVN3[chr(code)] for code in range(0xA1, 0x100)} >= set(ACCENTED)
    assert set(VNI.values()) >= set(ACCENTED)
    assert set(VNI.values()) >= {letter.upper() for letter in ACCENTED}


def test_no_two_letters_share_a_byte() -> None:
    assert len(set(TCVN3.values())) == len(TCVN3) == 95


@pytest.mark.parametrize(("old", "new"), KNOWN_TCVN3.items())
def test_tcvn3_by_sight(old: str, new: str) -> None:
    assert from_tcvn3(old) == new


@pytest.mark.parametrize(("old", "new"), KNOWN_VNI.items())
def test_vni_by_sight(old: str, new: str) -> None:
    assert from_vni(old) == new


def test_capitals_of_the_fonts_of_capitals() -> None:
    assert from_tcvn3("TR¹I MòA") == "TRẠI MŨA"
    assert from_tcvn3("Lý Mü Tr¹i") == "Lý Mỹ Trại"


def test_every_letter_survives_both_ways() -> None:
    back = {new: old for old, new in TCVN3.items()}
    text = " ".join(f"b{letter}" for letter in ACCENTED)
    assert from_tcvn3("".join(back.get(char, char) for char in text)) == text
    vni = {}
    for old, new in VNI.items():
        vni.setdefault(new, old)
    assert from_vni("".join(vni.get(char, char) for char in text)) == text


TEXT = "Trại Mũa, Vân Cầu, Kim Chuế, Tiên Liệt; đường Lê Lợi rẽ phải, ngõ Thuỷ Tiên đến Nhà văn hoá, hướng Đông Bắc"


def old_bytes(encoding: str) -> bytes:
    if encoding == "utf-8":
        return TEXT.encode()
    if encoding == "tcvn3":
        back = {new: old for old, new in TCVN3.items()}
        return "".join(back.get(char, char) for char in TEXT).encode("latin-1")
    if encoding == "vni":
        vni = {}
        for old, new in VNI.items():
            vni.setdefault(new, old)
        return "".join(vni.get(char, char) for char in TEXT).encode("cp1252")
    return b"".join(_letter_1258(char) for char in TEXT)


def _letter_1258(char: str) -> bytes:
    try:
        return char.encode("cp1258")
    except UnicodeEncodeError:
        decomposed = unicodedata.normalize("NFD", char)
        tone = next(mark for mark in decomposed if mark in "".join(TONES))
        base = unicodedata.normalize("NFC", decomposed.replace(tone, ""))
        return base.encode("cp1258") + tone.encode("cp1258")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1258", "tcvn3", "vni"])
def test_the_right_encoding_is_guessed(encoding: str) -> None:
    assert decode(old_bytes(encoding)) == (TEXT, encoding)
    found = readings([old_bytes(encoding)])
    assert max(found, key=lambda one: one.share or 0).encoding == encoding


def test_text_that_came_as_unicode_in_an_old_font() -> None:
    assert best_reading(text_readings(["Tr¹i Mòa", "Kim ChuÕ"])) == "tcvn3"
    assert best_reading(text_readings(["Traïi Muõa", "ñöôøng"])) == "vni"
    assert best_reading(text_readings(["Trại Mũa", "Café Élan"])) == "utf-8"
    assert best_reading(text_readings(["Plain"])) == "utf-8"


def test_syllables() -> None:
    for word in [
        "Trại",
        "Mũa",
        "Quyết",
        "Giếng",
        "Huỳnh",
        "Khuỷu",
        "Nghiêng",
        "Rượu",
        "Thuở",
        "Yên",
        "Đường",
        "Thuỷ",
        "Quốc",
        "Oai",
        "Ỷ",
        "Ấp",
        "Khuya",
        "Gìn",
        "Ngoằn",
        "Hoè",
    ]:
        assert is_syllable(word), word
    for word in ("Tr¹i", "Muõa", "ñöôøng", "é", "áá", "thuậtá"):
        assert not is_syllable(word) or word == "é", word
    assert vietnamese_share("plain ASCII") is None

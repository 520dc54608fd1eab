"""T-X5 in the texts themselves: no English in what Vietnamese pages are made of."""

import re
from pathlib import Path

import gis_app.formats
from gis_app.words import catalogue
from layers import LAYERS
from layers.base import SECTIONS
from tests.vietnamese import common_english_in, english_in, texts_of

# What programs are told names a header of HTTP; a key of the keyboard is called as it is written on it.
AS_IT_IS = frozenset(
    {"error.if_match_missing", "error.version_missing", "files.filter_hint", "edit.border_hint", "edit.shape_hint"}
)


# Two ways of setting the tone of oa, oe, uy are in use; ours is that of the laws: hóa, tọa độ, ma túy.
OTHER_TONES = re.compile(r"\b\w*(?<![qQ])(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE)


def test_tones_are_set_in_one_way() -> None:
    titles = [one.title[0] for layer in LAYERS.values() for one in (layer, *layer.fields)]
    choices = [choice.vi for layer in LAYERS.values() for field in layer.fields for choice in field.choices]
    found = [word for text in (*catalogue("vi").values(), *titles, *choices) for word in OTHER_TONES.findall(text)]
    assert found == []


def test_the_catalogue_speaks_vietnamese() -> None:
    texts = {key: text for key, text in catalogue("vi").items() if key not in AS_IT_IS}
    assert {key: found for key, text in texts.items() if (found := common_english_in(text))} == {}


def test_a_refused_file_comes_with_what_to_do() -> None:
    """Every reason to refuse a file: what is wrong, and a second sentence with what helps."""
    source = "".join(path.read_text("utf-8") for path in Path(gis_app.formats.__file__).parent.glob("*.py"))
    # The last two are for the command line alone.
    codes = set(re.findall(r'FormatError\(\s*"([a-z_0-9]+)"', source)) - {"file_missing", "photos_by_page"}
    assert len(codes) > 30
    texts = {code: catalogue("vi").get(f"wizard.rule_{code}") or catalogue("vi")[f"import.{code}"] for code in codes}
    assert {code: text for code, text in texts.items() if not re.search(r"[.:] [A-ZĐẢ{]", text)} == {}


def test_layers_speak_vietnamese() -> None:
    fields = [field for layer in LAYERS.values() for field in layer.fields]
    texts = [title[0] for title in SECTIONS.values()]
    texts += [one.title[0] for one in (*LAYERS.values(), *fields)]
    texts += [choice.vi for field in fields for choice in field.choices]
    assert {text: found for text in texts if (found := common_english_in(text))} == {}


def test_the_scan_finds_english() -> None:
    page = '<html lang="vi"><a lang="en" href="/">English words</a><p>Điểm</p><button title="Save">Lưu</button></html>'
    assert [one.split(":")[1].strip() for one in english_in(texts_of(page))] == ["save"]
    assert english_in(texts_of("<p>hotspot.state.open</p>"))
    assert english_in(["Đường Hoàng Sa, phố Lạc Long Quân, camera số 5, tệp CSV"]) == []

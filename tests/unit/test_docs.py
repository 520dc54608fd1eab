"""Documents keep up: settings, tables, messages."""

import dataclasses
import json
import re

import pytest

from gis_app.settings import ROOT, Settings
from gis_app.tables import accounts
from layers import LAYERS

README = (ROOT / "README.md").read_text()
GLOSSARY = (ROOT / "GLOSSARY.md").read_text()
VI = json.loads((ROOT / "gis_app/messages/vi.json").read_text())
EN = json.loads((ROOT / "gis_app/messages/en.json").read_text())


def test_every_setting_is_in_the_readme_and_the_example() -> None:
    source = (ROOT / "gis_app/settings.py").read_text()
    names = set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', source))
    assert len(names) >= len(dataclasses.fields(Settings)) - 1
    example = (ROOT / ".env.example").read_text()
    for name in names:
        assert f"`{name}`" in README, name
        assert re.search(rf"^#?\s*{name}=", example, re.MULTILINE), name


@pytest.mark.parametrize("table", [*LAYERS, *(t.name for t in accounts.metadata.tables.values())])
def test_every_table_is_in_the_glossary(table: str) -> None:
    assert f"`{table}`" in GLOSSARY


def test_both_languages_have_the_same_messages() -> None:
    assert set(VI) == set(EN)
    for key in VI:
        assert VI[key].strip(), key
        assert EN[key].strip(), key
        assert sorted(re.findall(r"{(\w+)}", VI[key])) == sorted(re.findall(r"{(\w+)}", EN[key])), key


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_keys_are_sorted(lang: str) -> None:
    keys = list(json.loads((ROOT / f"gis_app/messages/{lang}.json").read_text()))
    assert keys == sorted(keys)


def test_every_error_code_has_a_sentence() -> None:
    pattern = re.compile(
        r"(?:BadRequest|Unauthenticated|Forbidden|NotFound|Conflict|TooLarge|Unprocessable|TooManyRequests|Unavailable|PreconditionFailed|PreconditionRequired|GisError)"
        r"\(\s*\"([a-z_]+)\""
    )
    files = [*(ROOT / "gis_app").rglob("*.py")]
    codes = {code for path in files for code in pattern.findall(path.read_text())}
    assert len(codes) > 12
    assert {f"error.{code}" for code in codes} <= set(VI)


def test_every_rule_has_words() -> None:
    pattern = re.compile(r"Malformed\(\"([a-z_]+)\"\)")
    codes = set(pattern.findall((ROOT / "gis_app/web/params.py").read_text()))
    assert {f"rule.{code}" for code in codes} <= set(VI)

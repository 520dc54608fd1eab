"""Pages send the scripts the messages that they use: all of those, and not the whole catalogue."""

import json
import re

from gis_app.settings import ROOT
from gis_app.web.i18n import LANGUAGES, catalogue
from gis_app.web.script_messages import OWN, keys_of_scripts, script_messages

# Pages that send the messages of their own scripts alone.
OWN_PAGES = tuple(
    path.stem
    for path in sorted((ROOT / "static" / "js" / "pages").glob("*.js"))
    if f"pages/{path.name}".startswith(OWN)
)

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "static" / "js").rglob("*.js")}
# What the page's boot JSON may weigh: the whole catalogue was 98 kB.
MAX_BYTES = 16_000


def all_keys() -> frozenset[str]:
    return keys_of_scripts().union(*map(keys_of_scripts, OWN_PAGES))


def test_every_key_that_a_script_asks_for_is_sent() -> None:
    asked = {key for text in SCRIPTS.values() for key in re.findall(r"""\bt\(\s*["'`]([^"'`$]+)["'`]""", text)}
    assert len(asked) > 50
    assert asked - all_keys() == set()


def test_every_template_of_a_key_finds_messages() -> None:
    templates = [(name, one) for name, text in SCRIPTS.items() for one in re.findall(r"\bt\(\s*`([^`]*)`", text)]
    assert len(templates) > 3
    for name, template in templates:
        start, *ends = re.split(r"\$\{[^}]*\}", template)
        assert "." in start, f"{name}: a key whose subject is computed cannot be found"
        fits = [k for k in all_keys() if k.startswith(start) and all(end in k for end in ends)]
        assert fits, f"{name}: {template}"


def test_keys_are_never_put_together_with_plus() -> None:
    keys = "|".join(sorted({re.escape(key.split(".")[0]) for key in catalogue("vi")}))
    for name, text in SCRIPTS.items():
        assert not re.search(rf"""["'](?:{keys})\.[a-z_.]*["']\s*\+""", text), name


def test_what_is_sent_is_small_and_in_both_languages() -> None:
    for lang in LANGUAGES:
        for page in (None, *OWN_PAGES):
            sent = script_messages(lang, page)
            assert set(sent) == keys_of_scripts(page)
            assert len(json.dumps(sent)) < MAX_BYTES


def test_a_page_with_scripts_of_its_own_sends_their_messages_alone() -> None:
    mine = keys_of_scripts("siting_plan")
    assert "siting.map.add_camera" in mine
    assert "siting.map.split_slider" in mine, "an import that comes later counts too"
    assert "siting.map.add_camera" not in keys_of_scripts()
    assert not any(key.startswith("query.") for key in mine)

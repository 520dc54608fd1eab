"""Every layer file is complete."""

import pytest

from layers import LAYERS
from layers.base import ROLES, SECTIONS, Layer

EACH = pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))


@EACH
def test_titles_are_in_both_languages(layer: Layer) -> None:
    titles = [layer.title, *(f.title for f in layer.fields), *((c.vi, c.en) for f in layer.fields for c in f.choices)]
    for vi, en in titles:
        assert vi.strip()
        assert en.strip()


@EACH
def test_names_and_references_hold(layer: Layer) -> None:
    names = [f.name for f in layer.fields]
    assert len(names) == len(set(names))
    assert layer.section in SECTIONS
    assert layer.readers <= set(ROLES)
    assert layer.editors <= layer.readers
    assert layer.label in ("", "external_id", *names)
    assert not layer.searchable or layer.label
    if layer.style.by:
        field = layer.field(layer.style.by)
        assert field is not None
        assert field.in_tile
        codes = {choice.code for choice in field.choices}
        assert set(layer.style.colors) <= codes
        assert set(layer.class_min_zoom) <= codes
    if layer.row_visibility:
        assert layer.field(layer.row_visibility) is not None


@EACH
def test_aliases_lead_to_one_field(layer: Layer) -> None:
    known: dict[str, str] = {}
    for f in layer.fields:
        for alias in (f.name, *f.aliases):
            assert known.setdefault(alias, f.name) == f.name, alias


@EACH
def test_numbers_have_both_bounds(layer: Layer) -> None:
    for f in layer.fields:
        assert (f.low is None) == (f.high is None)
        if f.type in ("int", "float"):
            assert f.low is not None, f.name


def test_no_layer_has_a_column_for_a_person() -> None:
    """DOMAIN.md section 6: places and aggregate counts only."""
    forbidden = ("owner_name", "person", "full_name_of", "phone", "citizen", "cccd", "birth", "address_of")
    for layer in LAYERS.values():
        for f in layer.fields:
            assert not any(word in f.name for word in forbidden), (layer.name, f.name)

"""Outlines of the neighbouring communes, drawn outside the own boundary; public data, copied per commune."""

from layers.base import Field, Layer, Style

layer = Layer(
    name="neighbours",
    title=("Địa bàn giáp ranh", "Neighbouring communes"),
    geometry="MULTIPOLYGON",
    section="base",
    label="name",
    bundle="base",
    min_zoom=8,
    fields=(
        Field("name", "text", ("Tên", "Name"), required=True, in_tile=True, max_length=120, aliases=("ten",)),
        Field("code", "text", ("Mã đơn vị", "Official code"), max_length=10, aliases=("ma",)),
    ),
    style=Style(kind="base", color="#9aa5b1", width=1),
)

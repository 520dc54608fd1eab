"""Walls and fences that block a camera's view."""

from layers.base import SITING, Field, Layer, Style

layer = Layer(
    name="walls",
    title=("Tường, rào", "Walls"),
    geometry="LINESTRING",
    section="base",
    min_zoom=15,
    editors=SITING,
    fields=(
        Field(
            "height_m",
            "float",
            ("Chiều cao", "Height"),
            low=0,
            high=50,
            unit="m",
            in_tile=True,
            aliases=("height", "chieu_cao"),
        ),
    ),
    style=Style(kind="line", color="#6b5b4b", width=1.5, dash="2 2"),
)

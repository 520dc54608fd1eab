"""Building footprints with height."""

from layers.base import Field, Layer, Style

layer = Layer(
    name="buildings",
    title=("Nhà, công trình", "Buildings"),
    geometry="MULTIPOLYGON",
    section="base",
    label="name",
    bundle="base",
    min_zoom=14,
    fields=(
        Field("name", "text", ("Tên", "Name"), max_length=120, aliases=("ten",)),
        Field(
            "height_m",
            "float",
            ("Chiều cao", "Height"),
            low=0,
            high=500,
            unit="m",
            in_tile=True,
            aliases=("height", "chieu_cao"),
        ),
        Field("level_count", "int", ("Số tầng", "Storeys"), low=0, high=150, aliases=("building:levels", "so_tang")),
    ),
    style=Style(kind="base", color="#ddd8d0"),
)

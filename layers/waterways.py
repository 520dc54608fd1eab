"""Rivers, canals and streams as lines."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="waterways",
    title=("Sông, kênh", "Waterways"),
    geometry="LINESTRING",
    section="base",
    label="name",
    searchable=True,
    bundle="base",
    min_zoom=10,
    fields=(
        Field("name", "text", ("Tên", "Name"), in_tile=True, max_length=120, aliases=("ten",)),
        Field(
            "class",
            "text",
            ("Loại", "Class"),
            choices(
                river=("Sông", "River"), canal=("Kênh", "Canal"), stream=("Suối", "Stream"), ditch=("Mương", "Ditch")
            ),
            required=True,
            default="canal",
            in_tile=True,
            aliases=("loai", "waterway"),
        ),
        Field("width_m", "float", ("Bề rộng", "Width"), low=0, high=5000, unit="m", aliases=("width", "be_rong")),
    ),
    style=Style(kind="base", color="#a9c8dd"),
)

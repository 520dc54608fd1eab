"""Land cover under the map: parks, fields, forest, housing."""

from layers.base import Field, Layer, Style, choices

layer = Layer(
    name="landuse",
    title=("Sử dụng đất", "Land use"),
    geometry="MULTIPOLYGON",
    section="base",
    label="name",
    bundle="base",
    min_zoom=10,
    fields=(
        Field("name", "text", ("Tên", "Name"), in_tile=True, max_length=120, aliases=("ten",)),
        Field(
            "class",
            "text",
            ("Loại", "Class"),
            choices(
                residential=("Khu dân cư", "Housing"),
                park=("Công viên", "Park"),
                farmland=("Ruộng", "Fields"),
                forest=("Rừng, đồi", "Forest"),
                industrial=("Công nghiệp", "Industry"),
                commercial=("Thương mại", "Commerce"),
                cemetery=("Nghĩa trang", "Cemetery"),
                beach=("Bãi cát", "Beach"),
                square=("Quảng trường", "Square"),
            ),
            required=True,
            default="residential",
            in_tile=True,
            aliases=("loai", "landuse"),
        ),
    ),
    style=Style(kind="base", color="#eceae4", by="class"),
)

"""Loudspeakers of the local radio, with audible range."""

from layers.base import DEVICE_STATES, Field, Layer, Style

layer = Layer(
    name="loudspeakers",
    title=("Loa truyền thanh", "Loudspeakers"),
    geometry="POINT",
    section="information",
    label="external_id",
    min_zoom=13,
    fields=(
        Field(
            "range_m",
            "float",
            ("Tầm nghe", "Audible range"),
            low=1,
            high=3000,
            unit="m",
            in_tile=True,
            aliases=("range", "tam_nghe"),
        ),
        Field(
            "state",
            "text",
            ("Tình trạng", "State"),
            DEVICE_STATES,
            required=True,
            default="working",
            in_tile=True,
            aliases=("tinh_trang",),
        ),
        Field("schedule", "text", ("Khung giờ phát", "Schedule"), max_length=120, aliases=("khung_gio",)),
    ),
    style=Style(kind="point", color="#1098ad", icon="speaker"),
)

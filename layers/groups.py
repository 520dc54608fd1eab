"""Residential groups: tổ dân phố of a ward, thôn of a commune; coloured by drug-free stage.

The rows are the present state; what held at another day, and what was known then, is in `group_statuses`.
"""

from layers.base import POLICE, Choice, Field, Layer, Style, choices

# DOMAIN.md section 3: the order is the order of the programme.
STAGES = choices(
    not_selected=("Chưa chọn, chưa rà soát", "Not selected"),
    cleaning=("Làm sạch địa bàn", "Cleaning"),
    building=("Đang xây dựng", "Building"),
    proposed=("Đề nghị công nhận", "Proposed"),
    recognised=("Công nhận", "Recognised"),
    maintained=("Giữ vững", "Maintained"),
    lapsed=("Mất, tạm dừng", "Lapsed"),
)
# Decision 28/2025/QĐ-TTg, Article 6: an area is drug-free when all three hold.
ANSWERS = choices(
    met=("Đạt", "Met"),
    not_met=("Chưa đạt", "Not met"),
    not_reviewed=("Chưa rà soát", "Not reviewed"),
)
CRITERIA = (
    Choice(
        "users",
        "Không có người nghiện, người sử dụng trái phép (trừ diện được loại trừ)",
        "No addicted or using resident (exempt classes apart)",
    ),
    Choice(
        "offenders",
        "Không có người vi phạm pháp luật về ma túy, truy nã lẩn trốn",
        "No drug offender, no fugitive hiding",
    ),
    Choice("places", "Không có điểm tổ chức, chứa chấp", "No place that organises or harbours use"),
)


def _criterion(criterion: Choice) -> tuple[Field, Field, Field]:
    code, vi, en = criterion.code, criterion.vi, criterion.en
    return (
        Field(f"{code}_answer", "text", (vi, en), ANSWERS, required=True, default="not_reviewed", managed=True),
        Field(f"{code}_on", "date", ("Ngày rà soát", "Reviewed on"), managed=True),
        Field(f"{code}_document", "text", ("Văn bản", "Document"), max_length=120, managed=True),
    )


layer = Layer(
    name="groups",
    title=("Tổ dân phố, thôn", "Residential groups"),
    geometry="MULTIPOLYGON",
    section="programme",
    label="name",
    national=True,
    searchable=True,
    row_end="valid_to",
    min_zoom=9,
    fields=(
        Field("name", "text", ("Tên", "Name"), required=True, in_tile=True, aliases=("ten", "ten_to", "ten_thon")),
        Field(
            "kind",
            "text",
            ("Loại", "Kind"),
            choices(residential_group=("Tổ dân phố", "Residential group"), village=("Thôn", "Village")),
            required=True,
            default="residential_group",
            aliases=("loai",),
        ),
        Field(
            "stage",
            "text",
            ("Giai đoạn", "Stage"),
            STAGES,
            required=True,
            default="not_selected",
            in_tile=True,
            managed=True,
            aliases=("giai_doan", "trang_thai"),
        ),
        Field("stage_on", "date", ("Từ ngày", "Since"), managed=True),
        Field("stage_document", "text", ("Văn bản", "Document"), max_length=120, managed=True),
        Field("stage_body", "text", ("Cơ quan công nhận", "Recognising body"), max_length=120, managed=True),
        *(column for criterion in CRITERIA for column in _criterion(criterion)),
        Field("is_pilot", "bool", ("Làm điểm", "Pilot"), required=True, default=False),
        Field("household_count", "int", ("Số hộ", "Households"), low=0, high=20_000, aliases=("so_ho",)),
        Field("resident_count", "int", ("Nhân khẩu", "Residents"), low=0, high=100_000, aliases=("nhan_khau",)),
        # DOMAIN.md section 6: these counts are tiny and identify people; police officers of the unit only.
        Field(
            "exempt_count",
            "int",
            ("Số người thuộc diện loại trừ", "Exempt persons"),
            low=0,
            high=10_000,
            readers=POLICE,
            managed=True,
        ),
        Field(
            "other_count",
            "int",
            ("Số người không thuộc diện loại trừ", "Non-exempt persons"),
            low=0,
            high=10_000,
            readers=POLICE,
            managed=True,
        ),
        Field("last_reviewed_on", "date", ("Rà soát gần nhất", "Last review"), managed=True),
        Field("valid_from", "date", ("Hiệu lực từ", "Valid from"), managed=True),
        Field("valid_to", "date", ("Hiệu lực đến", "Valid to"), managed=True),
    ),
    style=Style(
        kind="fill",
        color="#fbf6f3",
        by="stage",
        # EXPERIENCE.md section 2; `cleaning` and `proposed` come from a search with the measures of
        # tests/unit/test_palette.py.
        colors={
            "not_selected": "#fbf6f3",
            "cleaning": "#9e7979",
            "building": "#f8c811",
            "proposed": "#aab69e",
            "recognised": "#7a9dc2",
            "maintained": "#3b4788",
            "lapsed": "#bf3d26",
        },
        patterns={
            "not_selected": "sparse",
            "cleaning": "lines",
            "building": "diagonal",
            "proposed": "grid",
            "recognised": "dots",
            "maintained": "solid",
            "lapsed": "cross",
        },
        visible=True,
    ),
)

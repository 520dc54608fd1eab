"""Tân An commune, Hải Phòng (old Hải Dương side): 16 villages in fields. Facts: ../seeds/002; the rest is invented."""

from datetime import date

from gis_app.analysis.town.model import Counts, EdgePlan, RiverPlan, RoadPlan, StageBatch, TownSpec, ZonePlan

_VILLAGES = (
    ("Trại Mũa", (-1.9, 3.5), (0.39, 0.23), 20.0), ("Vân Cầu", (-0.6, 3.25), (0.31, 0.16), 150.0),
    ("Kim Chuế", (-2.0, 2.3), (0.39, 0.26), 60.0), ("Ứng Mộ", (-0.55, 2.1), (0.43, 0.23), 10.0),
    ("Tiên Liệt", (0.75, 2.35), (0.34, 0.19), 120.0), ("Tam Tập", (-1.55, 1.0), (0.47, 0.25), 35.0),
    ("Kim Húc", (0.15, 0.85), (0.32, 0.21), 95.0), ("Hữu Chung", (1.45, 1.1), (0.31, 0.18), 160.0),
    ("Đông Lâm", (-0.9, -0.25), (0.37, 0.21), 0.0), ("An Tiến", (0.7, -0.35), (0.29, 0.16), 60.0),
    ("Phú Xuân", (1.9, -0.1), (0.35, 0.24), 130.0), ("Thanh Trung", (0.15, -1.5), (0.37, 0.21), 25.0),
    ("Quảng Giang", (1.45, -1.4), (0.36, 0.21), 170.0), ("Mai Xá", (0.6, -2.6), (0.41, 0.26), 80.0),
    ("Lương Đường", (1.85, -2.6), (0.29, 0.17), 30.0), ("Bình Lãng", (1.5, -3.55), (0.31, 0.17), 10.0),
)

TAN_AN = TownSpec(
    code="11167", short="TA", name="Tân An", full_name="Xã Tân An, thành phố Hải Phòng", kind="commune",
    province_code="31", province_name="Thành phố Hải Phòng", area_km2=24.90,
    household_count=8_120, resident_count=27_450, merged_from="", metric_srid=9209, centre_m=(584_620.0, 2_296_486.0),
    outline=(
        (-2.9, 3.9), (-2.2, 4.0), (-1.6, 4.5), (-0.9, 4.15), (-0.2, 4.2), (0.2, 3.6), (1.1, 3.5), (1.3, 2.8),
        (2.1, 2.5), (1.9, 1.7), (2.6, 1.3), (2.5, 0.3), (3.0, -0.4), (2.6, -1.2), (2.9, -2.2), (2.7, -3.0),
        (3.0, -3.8), (1.9, -4.4), (0.6, -3.9), (-0.2, -2.7), (-0.8, -1.4), (-1.5, -0.9), (-1.8, -0.1), (-2.5, 0.3),
        (-2.3, 1.1), (-2.9, 1.7), (-2.6, 2.6), (-3.1, 3.2),
    ),
    edges=(EdgePlan("river", "Sông Luộc", 16, 20, 120.0),),
    rivers=(
        RiverPlan("Sông Cửu An", "river", 30.0, ((-3.3, 1.7), (-2.3, 1.55), (-1.0, 1.55), (0.0, 1.5), (1.1, 1.75), (2.0, 1.8), (3.0, 1.9))),
        RiverPlan("Kênh Bá Liễu", "canal", 10.0, ((-0.4, 4.5), (-1.2, 2.7), (-1.1, 1.5), (-0.7, 0.4), (-0.3, -0.6), (-0.15, -1.7), (0.1, -3.4))),
        RiverPlan("Kênh Đò Đáy", "canal", 9.0, ((2.9, -0.9), (1.6, -0.75), (0.4, -0.95), (-0.8, -0.9))),
    ),
    roads=(
        RoadPlan("Quốc lộ 37", "trunk", ((-3.4, 3.1), (-2.0, 2.9), (-0.6, 2.65), (0.3, 1.7), (0.75, 0.4), (1.2, -0.85), (1.1, -2.1), (1.3, -3.0), (1.2, -4.8))),
        RoadPlan("Đường tỉnh 392", "primary", ((3.3, 0.4), (2.2, 0.5), (0.75, 0.4), (-0.5, 0.3), (-1.7, 0.2), (-3.0, 0.3))),
    ),
    zones=(
        *(ZonePlan("village", *village) for village in _VILLAGES),
        ZonePlan("lake", "Ao Đình", (-0.15, 2.9), (0.09, 0.07)), ZonePlan("lake", "Hồ Sen", (0.65, 1.6), (0.12, 0.07), 40.0),
        ZonePlan("lake", "Đầm Thanh Trung", (0.75, -1.85), (0.2, 0.12), 10.0),
        ZonePlan("industrial", "Cụm công nghiệp Tân An", (2.05, -0.95), (0.33, 0.24), 10.0),
    ),
    default_use="field", centres=tuple(village[1] for village in _VILLAGES),
    group_names=tuple(f"Thôn {village[0]}" for village in _VILLAGES), street_names=("Đường trục xã", "Đường Liên Xã"),
    counts=Counts(poles=42, views=74, lights=620, hotspots=34, venues=16, buildings=3700, boxless=2),
    neighbours=("Xã Ninh Giang", "Xã Vĩnh Lại", "Xã Khúc Thừa Dụ", "Xã Hồng Châu", "Xã Hà Tây"),
    programme=(
        StageBatch("proposed", date(2026, 11, 12), "Số 131/TTr-UBND ngày 12/11/2026", names=("Thôn Trại Mũa", "Thôn Kim Chuế", "Thôn Tiên Liệt")),
        StageBatch("building", date(2026, 5, 5), "Số 63/KH-UBND ngày 05/5/2026", names=(
            "Thôn Vân Cầu", "Thôn Ứng Mộ", "Thôn Tam Tập", "Thôn Kim Húc", "Thôn Hữu Chung")),
        StageBatch("cleaning", date(2026, 6, 1), "Số 63/KH-UBND ngày 05/5/2026", count=5),
        StageBatch("not_selected", None, "", count=-1),
    ),
    exempt_total=19, other_total=9, key_routes=("Quốc lộ 37",),
    hotspot_themes=(("bridge", 2.0), ("market", 1.5), ("river", 2.0), ("guesthouse", 1.5), ("vacant", 2.0)),
)

"""What a layer is: one file in this folder that exports `layer`.

A layer file gives the table and its checks, titles, published columns, readers and editors,
zooms, style and import aliases. Nothing else in the product lists layers.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry

STORED_SRID = 4326
TILE_SRID = 3857

# Every signed-in role of a commune. `admin` acts inside the commune that it has chosen; `supervisor` only reads.
ROLES = ("admin", "data", "planner", "patrol", "committee", "supervisor")
STAFF = frozenset(ROLES)
# Reads totals of the communes granted to it, from outside them; in a commune granted in detail it acts as `supervisor`.
CITY = "city"
SIGNED_IN = STAFF | {CITY}
# What an administrator outside any commune reads as: columns with `readers` of their own are not for it.
NATIONAL = "national"
POLICE = frozenset({"admin", "data", "patrol"})
SITING = POLICE | {"planner"}
DATA = frozenset({"admin", "data"})

# The headings of the layer switcher, in its order.
SECTIONS: Mapping[str, tuple[str, str]] = {
    "programme": ("Chương trình", "Programme"),
    "security": ("Điểm và tuyến cần chú ý", "Places to watch"),
    "devices": ("Thiết bị", "Devices"),
    "information": ("Tố giác, tuyên truyền", "Tips and information"),
    "places": ("Cơ sở, trường học", "Venues and schools"),
    "own": ("Loại địa điểm riêng", "Our own kinds of place"),
    "base": ("Nền bản đồ", "Base map"),
}


@dataclass(frozen=True)
class Choice:
    """One allowed value of a code column, with what a person reads."""

    code: str
    vi: str
    en: str
    # May no longer be chosen: rows that have it keep it.
    is_retired: bool = False


def choices(**labels: tuple[str, str]) -> tuple[Choice, ...]:
    """Write `working=("Đang hoạt động", "Working")` and get the choices in that order."""
    return tuple(Choice(code, vi, en) for code, (vi, en) in labels.items())


DEVICE_STATES = choices(
    working=("Đang hoạt động", "Working"),
    broken=("Hỏng", "Broken"),
    proposed=("Đề xuất", "Proposed"),
    removed=("Đã tháo dỡ", "Removed"),
)

_TYPES: Mapping[str, Any] = {
    "text": sa.Text,
    "int": sa.Integer,
    "bigint": sa.BigInteger,
    "float": sa.Float,
    "bool": sa.Boolean,
    "date": sa.Date,
}


@dataclass(frozen=True)
class Field:
    """A column of a layer: type, bounds, title and what files call it.

    `low` and `high` bound numbers (inclusive) and become a database check; text is bounded
    by `max_length` characters. `readers` narrows who reads the column (None: all readers of the layer);
    `national` lets the nationwide reader read it all the same. A `managed` column is written by the database's own
    functions alone (a decided stage change, an approved review), never by an edit or an import. `guarded`: people
    write sentences in it, so words that tell of a person are refused.
    """

    name: str
    type: str
    title: tuple[str, str]
    choices: tuple[Choice, ...] = ()
    required: bool = False
    default: Any = None
    low: float | None = None
    high: float | None = None
    max_length: int = 200
    unit: str = ""
    aliases: tuple[str, ...] = ()
    in_tile: bool = False
    readers: frozenset[str] | None = None
    national: bool = False
    managed: bool = False
    guarded: bool = False

    def column(self) -> sa.Column[Any]:
        """The SQLAlchemy column; a default becomes the server's default."""
        default = None if self.default is None else sa.text(_literal(self.default))
        return sa.Column(self.name, _TYPES[self.type], nullable=not self.required, server_default=default)

    def checks(self, table: str) -> Iterable[sa.CheckConstraint]:
        """Database checks of the column, named `<table>_<column>_<rule>`."""
        name = self.name
        if self.choices:
            codes = ", ".join(_literal(choice.code) for choice in self.choices)
            yield sa.CheckConstraint(f"{name} IN ({codes})", name=f"{table}_{name}_choice")
        elif self.type == "text":
            # [[:cntrl:]] keeps control characters out of every page, export and log line.
            rule = f"length({name}) <= {self.max_length} AND {name} !~ '[[:cntrl:]]'"
            if self.guarded:
                rule += f" AND NOT has_personal_number({name})"
            yield sa.CheckConstraint(rule, name=f"{table}_{name}_text")
        if self.low is not None:
            yield sa.CheckConstraint(f"{name} BETWEEN {self.low:g} AND {self.high:g}", name=f"{table}_{name}_range")


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


# What a device cost and who paid: the commune's own business.
ASSET_FIELDS = (
    Field("installed_on", "date", ("Ngày lắp", "Installed on"), aliases=("ngay_lap",), readers=STAFF),
    Field("cost_vnd", "int", ("Kinh phí", "Cost"), low=0, high=2_000_000_000, unit="đ", aliases=("kinh_phi", "chi_phi"),
          readers=STAFF),
    # Of private givers: that they are, never who.
    Field("fund", "text", ("Nguồn kinh phí", "Source of funds"), max_length=80, readers=STAFF, guarded=True,
          aliases=("nguon_kinh_phi", "nguon_von")),
)  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How maps draw the layer; read by the page, the stand-alone map and the legend.

    `kind`: point, sector, line, fill or base. `by` names a code column whose choices have
    their own colour in `colors`; `icon` names a symbol of static/js/core/symbols.js, `letters` what stands in its
    place by code.
    """

    kind: str
    color: str
    icon: str = ""
    by: str = ""
    colors: Mapping[str, str] = dataclasses.field(default_factory=dict)
    patterns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    letters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    width: float = 1.5
    dash: str = ""
    visible: bool = False


@dataclass(frozen=True)
class Layer:
    """One layer of the map and of the database; see the module's docstring.

    `geometry` is the PostGIS type; `label` the column a person knows a row by (also searched);
    `min_zoom` the first zoom at which tiles hold it; `bundle` names the tile set that carries it
    with others in one request (the base map); `class_min_zoom` gives, per value of the column `class`, the
    first zoom that shows it. `row_visibility` names a column with the values
    public, staff or police that narrows rows by role; `row_expiry` a date column after which the row is gone
    for all; `row_end` a date column from which on the unit is history and only status tables tell of it;
    `checked_field` names the date of the last look on site, and after `half_life_days` that look is worth half;
    `coarse_readers` are readers who see the layer through the view `<name>_coarse` alone, where a shape is
    the middle of its street segment and the label is empty. `shareable` layers can be named in an agreement with a
    neighbouring commune, whose officers then see the rows of the strip through the view `shared_<name>`.
    `own_classes` names a text column whose values are the commune's own classes (table `place_classes`); `with_classes`
    gives it their names, colours and letters.
    """

    name: str
    title: tuple[str, str]
    geometry: str
    section: str
    fields: tuple[Field, ...]
    style: Style
    label: str = ""
    readers: frozenset[str] = STAFF
    editors: frozenset[str] = DATA
    min_zoom: int = 12
    class_min_zoom: Mapping[str, int] = dataclasses.field(default_factory=dict)
    bundle: str = ""
    row_visibility: str = ""
    row_expiry: str = ""
    row_end: str = ""
    checked_field: str = ""
    half_life_days: int = 0
    coarse_readers: frozenset[str] = frozenset()
    national: bool = False
    shareable: bool = False
    tenant: bool = False
    searchable: bool = False
    own_classes: str = ""
    aliases: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    checks: tuple[tuple[str, str], ...] = ()

    def with_classes(self, classes: Iterable[tuple[str, str, str, bool]]) -> "Layer":
        """The layer with a commune's own classes: name, letters, colour, whether it may still be chosen."""
        found = tuple(classes)
        named = tuple(Choice(name, name, name, not is_active) for name, _, _, is_active in found)
        fields = tuple(dataclasses.replace(f, choices=named) if f.name == self.own_classes else f for f in self.fields)
        letters, colors = {one[0]: one[1] for one in found}, {one[0]: one[2] for one in found}
        return dataclasses.replace(
            self, fields=fields, style=dataclasses.replace(self.style, letters=letters, colors=colors)
        )

    @property
    def is_point(self) -> bool:
        """Whether rows are points."""
        return self.geometry == "POINT"

    @property
    def is_device(self) -> bool:
        """Whether rows are devices that work or not."""
        return any(f.choices is DEVICE_STATES for f in self.fields)

    def field(self, name: str) -> Field | None:
        """The field of that name, if any."""
        return next((f for f in self.fields if f.name == name), None)

    def coarse_table(self, metadata: sa.MetaData) -> sa.Table:
        """The view that coarse readers see, with the columns of the table."""
        name = f"{self.name}_coarse"
        if name in metadata.tables:
            return metadata.tables[name]
        columns = [sa.Column(c.name, c.type, primary_key=c.primary_key) for c in self.table(sa.MetaData()).columns]
        return sa.Table(name, metadata, *columns)

    def visible_fields(self, role: str) -> tuple[Field, ...]:
        """The columns that `role` may read."""
        if role == NATIONAL:
            return self.national_fields
        return tuple(f for f in self.fields if f.readers is None or role in f.readers)

    @property
    def managed_names(self) -> frozenset[str]:
        """The columns that no edit and no import writes."""
        return frozenset(f.name for f in self.fields if f.managed)

    @property
    def national_fields(self) -> tuple[Field, ...]:
        """The columns that the nationwide reader reads: none that identifies people."""
        return tuple(f for f in self.fields if f.readers is None or f.national)

    @property
    def shared_fields(self) -> tuple[Field, ...]:
        """The columns that a neighbour reads: those all readers read; of a coarse layer, only what tiles show."""
        return tuple(f for f in self.fields if f.readers is None and (f.in_tile or not self.coarse_readers))

    def shared_view(self, metadata: sa.MetaData) -> sa.Table:
        """The view of the neighbours' rows in the strips of open agreements (see migrations/helpers.py)."""
        name = f"shared_{self.name}"
        if name in metadata.tables:
            return metadata.tables[name]
        columns: list[sa.Column[Any]] = [
            sa.Column("agreement_id", sa.BigInteger, primary_key=True),
            sa.Column("id", sa.BigInteger, primary_key=True),
            sa.Column("commune_id", sa.Integer),
            sa.Column("external_id", sa.Text),
            sa.Column("geom", Geometry("GEOMETRY", STORED_SRID, spatial_index=False)),
            *(f.column() for f in self.shared_fields),
        ]
        return sa.Table(name, metadata, *columns)

    def table(self, metadata: sa.MetaData) -> sa.Table:
        """The table of the layer, the same shape for all: key, tenant, geometry, provenance, fields."""
        if self.name in metadata.tables:
            return metadata.tables[self.name]
        own_checks = [sa.CheckConstraint(rule, name=f"{self.name}_{name}") for name, rule in self.checks]
        table = sa.Table(
            self.name,
            metadata,
            *self._key_columns(),
            sa.Column("external_id", sa.Text),
            sa.UniqueConstraint("commune_id", "external_id", name=f"{self.name}_external_id"),
            sa.Column("geom", Geometry(self.geometry, STORED_SRID, spatial_index=False), nullable=False),
            sa.Column(
                "geom_3857",
                Geometry(self.geometry, TILE_SRID, spatial_index=False),
                sa.Computed("st_transform(geom, 3857)", persisted=True),
            ),
            sa.Column("source", sa.Text, nullable=False, server_default=sa.text("'manual'")),
            sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
            sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
            *(f.column() for f in self.fields),
            *(check for f in self.fields for check in f.checks(self.name)),
            *own_checks,
            *self._common_checks(),
            *self._class_keys(),
            info={"layer": self.name},
        )
        sa.Index(f"{self.name}_geom_gist", table.c.geom, postgresql_using="gist")
        sa.Index(f"{self.name}_geom_3857_gist", table.c.geom_3857, postgresql_using="gist")
        sa.Index(f"{self.name}_commune_id", table.c.commune_id)
        return table

    def _key_columns(self) -> list[sa.schema.SchemaItem]:
        if self.tenant:
            # A commune is its own tenant; its id is the official code as a number.
            return [
                sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
                sa.Column("commune_id", sa.Integer, sa.Computed("id", persisted=True)),
            ]
        return [
            sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True),
            sa.Column("commune_id", sa.Integer, sa.ForeignKey("communes.id"), nullable=False),
        ]

    def _class_keys(self) -> list[sa.ForeignKeyConstraint]:
        if not self.own_classes:
            return []
        # A class that is renamed, or shown to others, takes its rows along.
        own, theirs = ("commune_id", self.own_classes, self.row_visibility), ("commune_id", "name", "visibility")
        keys = [f"place_classes.{name}" for name in theirs]
        return [sa.ForeignKeyConstraint(own, keys, onupdate="CASCADE", name=f"{self.name}_{self.own_classes}_choice")]

    def _common_checks(self) -> list[sa.CheckConstraint]:
        # A NaN coordinate matches every tile through GiST, so bounds are the database's business.
        sane = (
            "ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_NPoints(geom) <= 100000 "
            "AND ST_XMin(geom) >= 102 AND ST_XMax(geom) <= 118 AND ST_YMin(geom) >= 6 AND ST_YMax(geom) <= 24"
        )
        return [
            sa.CheckConstraint(sane, name=f"{self.name}_geom_sane"),
            sa.CheckConstraint("length(external_id) <= 100", name=f"{self.name}_external_id_text"),
            sa.CheckConstraint("length(source) <= 200", name=f"{self.name}_source_text"),
        ]


# What any place of a commune's own kinds has; layers/other_places.py and layers/other_areas.py.
OWN_FIELDS = (
    Field("kind", "text", ("Loại", "Kind"), required=True, max_length=60, in_tile=True, aliases=("loai", "phan_loai")),
    Field("name", "text", ("Tên", "Name"), max_length=120, guarded=True, aliases=("ten", "dia_diem")),
    Field(
        "state",
        "text",
        ("Tình trạng", "State"),
        choices(current=("Đang có", "Current"), ended=("Đã xong, đã dừng", "Done or ended")),
        required=True,
        default="current",
        in_tile=True,
        aliases=("tinh_trang", "trang_thai"),
    ),
    Field("since_on", "date", ("Từ ngày", "Since"), aliases=("tu_ngay",)),
    Field("hours", "text", ("Khung giờ", "Hours"), max_length=60, guarded=True, aliases=("khung_gio", "gio")),
    Field("note", "text", ("Ghi chú", "Note"), max_length=300, guarded=True, aliases=("ghi_chu",)),
    Field(
        "visibility",
        "text",
        ("Ai được xem", "Seen by"),
        choices(staff=("Cán bộ", "Staff"), police=("Công an", "Police")),
        required=True,
        default="staff",
        managed=True,
    ),
)

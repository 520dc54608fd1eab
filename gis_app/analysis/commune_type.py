"""Type I, II or III of a key commune: Decision 28/2025/QĐ-TTg, Article 4.

Five criteria: a) addicted and using persons on file per resident, b) places that organise or harbour use,
c) arrested drug offenders per resident, d) plants (number or area), đ) enough criteria of the next lower type "or
higher" while on a key route. Types I and II need three of the five, type III one of a, c, d. Đ is one of the five, as
the article numbers it: on a key route two other criteria are enough, and one alone is not.

A criterion of a higher type counts for a lower one too: the article would otherwise call a commune less complex
because one of its figures is worse. Bands are [lower inclusive, upper exclusive); shares are compared without
division, `count * 100` with `bound * residents`, in Decimal. Taken literally, type III includes a share of 0:
`rests_on_zero` says when nothing else speaks for it, so that nobody takes a clean commune for a complex one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

TYPES = ("I", "II", "III")
NONE = "none"
# Rank of a type: more complex is higher.
_RANK = {NONE: 0, "III": 1, "II": 2, "I": 3}
_HUNDRED = Decimal(100)

Band = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class TypeRule:
    """What one type asks for: bands by measure, how many criteria, and criterion đ (None: the type has none)."""

    bands: Mapping[str, Band]
    min_criteria: int
    route_of_type: str | None = None
    route_min_criteria: int = 0


@dataclass(frozen=True)
class Figures:
    """Aggregate counts of one period; None is "not known". `resident_count` is the denominator (residents now)."""

    resident_count: int | None
    addict_user_count: int | None = None
    use_point_count: int | None = None
    arrested_count: int | None = None
    plant_count: int | None = None
    plant_area_m2: Decimal | None = None
    on_key_route: bool = False


@dataclass(frozen=True)
class Classification:
    """The type (I, II, III or "none") and why.

    `levels`: for each of a, b, c, d the highest type whose band it reaches ("none", or None where it is not known);
    `route` is the type that criterion đ speaks for. `unknown` names what is missing; `is_certain`: no value of it could
    make the type higher. `rests_on_zero`: type III for no other reason than figures of 0.
    """

    type: str
    levels: Mapping[str, str | None]
    criteria_count: int
    route: str | None
    unknown: tuple[str, ...]
    is_certain: bool
    rests_on_zero: bool


def read_thresholds(document: Mapping[str, object]) -> dict[str, TypeRule]:
    """Read the commune part of the thresholds file (`gis_app/data/decision_28_2025.json`).

    Raises
    ------
    TypeError
        A type is no object.
    """
    found = {}
    for name, raw in document.items():
        if not isinstance(raw, Mapping):
            raise TypeError(name)
        route = raw.get("route") or {}
        bands = {key: (_bound(value[0]), _bound(value[1])) for key, value in raw.items() if isinstance(value, list)}
        found[name] = TypeRule(bands, raw["min_criteria"], route.get("of_type"), route.get("min_criteria", 0))
    return found


def _bound(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def period_of(year: int) -> tuple[str, str]:
    """First and last day (ISO) of the evaluation period that ends in a year."""
    return f"{year - 1}-12-15", f"{year}-12-14"


def _inside(value: Decimal, scale: Decimal, band: Band) -> bool:
    low, high = band
    return (low is None or value >= low * scale) and (high is None or value < high * scale)


def _level(rules: Mapping[str, TypeRule], measure: str, value: Decimal | None, scale: Decimal | None) -> str | None:
    if value is None or scale is None:
        return None
    for name in TYPES:
        band = rules[name].bands.get(measure)
        if band is not None and _inside(value, scale, band):
            return name
    return NONE


def _higher(a: str | None, b: str | None) -> str | None:
    if a is None or b is None:
        return b if a is None else a
    return a if _RANK[a] >= _RANK[b] else b


def _levels(rules: Mapping[str, TypeRule], figures: Figures) -> dict[str, str | None]:
    def decimal(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    def share(measure: str, count: int | None) -> str | None:
        residents = decimal(figures.resident_count)
        if not residents:
            # Nobody lives here, or it is not known: there is no share.
            return None
        return _level(rules, measure, None if count is None else Decimal(count) * _HUNDRED, residents)

    one = Decimal(1)
    plants = _level(rules, "plants", decimal(figures.plant_count), one)
    area = _level(rules, "plant_area_m2", figures.plant_area_m2, one)
    return {
        "a": share("addict_user_share", figures.addict_user_count),
        "b": _level(rules, "use_points", decimal(figures.use_point_count), one),
        "c": share("arrested_share", figures.arrested_count),
        "d": _higher(plants, area),
    }


def _reached(levels: Mapping[str, str | None], wanted: str) -> int:
    return sum(level is not None and _RANK[level] >= _RANK[wanted] for level in levels.values())


def _type_of(
    rules: Mapping[str, TypeRule], levels: Mapping[str, str | None], *, on_key_route: bool
) -> tuple[str, int, str | None]:
    for name in TYPES:
        rule = rules[name]
        count = _reached(levels, name)
        route = (
            on_key_route
            and rule.route_of_type is not None
            and _reached(levels, rule.route_of_type) >= rule.route_min_criteria
        )
        if count + route >= rule.min_criteria:
            return name, count + route, name if route else None
    return NONE, 0, None


def classify_commune(rules: Mapping[str, TypeRule], figures: Figures) -> Classification:
    """Classify a commune by the figures of one period; what is not known never speaks for a type."""
    levels = _levels(rules, figures)
    found, count, route = _type_of(rules, levels, on_key_route=figures.on_key_route)
    unknown = tuple(name for name, level in levels.items() if level is None)
    worst = {name: "I" if level is None else level for name, level in levels.items()}
    possible, _, _ = _type_of(rules, worst, on_key_route=figures.on_key_route)
    return Classification(
        type=found,
        levels=levels,
        criteria_count=count,
        route=route,
        unknown=unknown,
        is_certain=possible == found,
        rests_on_zero=found == "III" and not _without_zeros(rules, figures),
    )


def _without_zeros(rules: Mapping[str, TypeRule], figures: Figures) -> bool:
    """Whether the type still holds when every figure of 0 is left out."""
    some = replace(
        figures,
        addict_user_count=figures.addict_user_count or None,
        arrested_count=figures.arrested_count or None,
        plant_count=figures.plant_count or None,
        plant_area_m2=figures.plant_area_m2 or None,
    )
    levels = _levels(rules, some)
    return _type_of(rules, levels, on_key_route=some.on_key_route)[0] != NONE

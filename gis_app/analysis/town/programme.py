"""The programme in each group: people, stages, the three criteria (layer `groups`)."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from gis_app.analysis.town.model import Coords, Draft, Row
from gis_app.analysis.town.plan import StageBatch

# The new communes began on 1 July 2025.
_FOUNDED = date(2025, 7, 1)
_CLEAN = {"recognised", "maintained", "proposed"}
_CRITERIA = ("users", "offenders", "places")


def group_rows(draft: Draft) -> list[Row]:
    """Rows of layer `groups`; sums of people are those of the commune."""
    spec, rng = draft.spec, draft.rng("programme")
    households, residents = _people(draft, rng)
    batches = _stages(draft, rng)
    exempt, other = _counts(draft, batches, residents, rng)
    rows = []
    for k, (polygon, name) in enumerate(zip(draft.groups, draft.group_names, strict=True)):
        properties: dict[str, Any] = {
            "name": name,
            "kind": "village" if spec.is_rural else "residential_group",
            "stage": batches[k].stage,
            "stage_on": batches[k].stage_on,
            "stage_document": batches[k].document or None,
            "is_pilot": batches[k].is_pilot,
            "household_count": int(households[k]),
            "resident_count": int(residents[k]),
            "exempt_count": int(exempt[k]),
            "other_count": int(other[k]),
            "valid_from": _FOUNDED,
            "valid_to": None,
            **_criteria(batches[k], int(other[k]), rng),
        }
        rows.append(Row(shapely.multipolygons([polygon]), properties, f"{spec.short}-T{k + 1:02d}"))
    return rows


def shared_out(total: int, weights: Coords) -> Coords:
    """Whole numbers in proportion to weights that sum to `total` (largest remainders)."""
    exact = total * np.asarray(weights, dtype=float) / np.sum(weights)
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - whole.sum()]] += 1
    return whole


def _people(draft: Draft, rng: np.random.Generator) -> tuple[Coords, Coords]:
    homes = shapely.centroid([house.geom for house in draft.houses if house.kind == "dwelling"])
    tree = shapely.STRtree(homes)
    inside = np.bincount(tree.query(draft.groups, predicate="contains")[0], minlength=len(draft.groups))
    # Homes on the map are a sample: even groups out a little, as real groups are of like size.
    weight = (inside + 0.6 * inside.mean()) * rng.uniform(0.88, 1.12, len(inside))
    households = shared_out(draft.spec.household_count, weight)
    return households, shared_out(draft.spec.resident_count, households * rng.uniform(0.95, 1.05, len(inside)))


def _stages(draft: Draft, rng: np.random.Generator) -> list[StageBatch]:
    names, batches = draft.group_names, draft.spec.programme
    given = {name: batch for batch in batches for name in batch.names}
    free = [str(name) for name in rng.permutation([name for name in names if name not in given])]
    for batch in batches:
        take = len(free) if batch.count < 0 else batch.count
        given.update(dict.fromkeys(free[:take], batch))
        free = free[take:]
    return [given[name] for name in names]


def _counts(
    draft: Draft, batches: list[StageBatch], residents: Coords, rng: np.random.Generator
) -> tuple[Coords, Coords]:
    """Persons in the exempt classes and others; others only where the stage allows them."""
    spec = draft.spec
    touched = np.array([name not in spec.clean_groups for name in draft.group_names])
    open_stage = np.array([batch.stage not in _CLEAN for batch in batches]) & touched
    exempt = np.zeros(len(batches), dtype=int)
    other = np.zeros(len(batches), dtype=int)
    if spec.clean_groups:
        # The document says that every group but these has such persons.
        exempt += touched
    left = spec.exempt_total - int(exempt.sum())
    exempt += rng.multinomial(left, _normal(residents * touched * rng.uniform(0.4, 1.6, len(batches))))
    if spec.other_total and open_stage.any():
        other += rng.multinomial(spec.other_total, _normal(residents * open_stage))
    return exempt, other


def _normal(weights: Coords) -> Coords:
    shares: Coords = weights / weights.sum()
    return shares


def _criteria(batch: StageBatch, other: int, rng: np.random.Generator) -> dict[str, Any]:
    answers = _answers(batch.stage, other, rng)
    found: dict[str, Any] = {"last_reviewed_on": None}
    if batch.stage != "not_selected":
        last = date(2026, 8, 25) + timedelta(days=int(rng.integers(0, 80)))
        found["last_reviewed_on"] = max(last, batch.stage_on) if batch.stage_on else last
    for criterion, answer in zip(_CRITERIA, answers, strict=True):
        reviewed = found["last_reviewed_on"] if answer != "not_reviewed" else None
        number = int(rng.integers(2, 60))
        found[f"{criterion}_answer"] = answer
        found[f"{criterion}_on"] = reviewed
        found[f"{criterion}_document"] = f"{number:02d}/BB-RS" if reviewed else None
    return found


def _answers(stage: str, other: int, rng: np.random.Generator) -> tuple[str, str, str]:
    users = "not_met" if other else "met"
    if stage == "not_selected":
        return "not_reviewed", "not_reviewed", "not_reviewed"
    if stage in _CLEAN:
        return "met", "met", "met"
    if stage == "lapsed":
        return users, "not_met", "met"
    if stage == "building":
        return users, "met", "not_reviewed" if rng.random() < 0.6 else "met"
    return "not_met" if other else "not_reviewed", str(rng.choice(["not_met", "not_reviewed"])), "not_reviewed"

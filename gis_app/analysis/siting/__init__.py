"""Where new cameras and lamps do most for the money: joint budgeted maximal covering with a certified bound."""

from gis_app.analysis.siting.curve import Marginal, cost_curve, marginal
from gis_app.analysis.siting.plan import (
    MUST_INFEASIBLE,
    NO_CANDIDATE,
    NOTHING_COVERABLE,
    OPTIMAL,
    STOPPED,
    TIME_LIMIT,
    ZERO_BUDGET,
    Progress,
    SitingPlan,
    Weights,
    weights_of,
)
from gis_app.analysis.siting.problem import BadSitingProblem, SitingProblem
from gis_app.analysis.siting.session import Options
from gis_app.analysis.siting.solver import solve

__all__ = [
    "MUST_INFEASIBLE",
    "NOTHING_COVERABLE",
    "NO_CANDIDATE",
    "OPTIMAL",
    "STOPPED",
    "TIME_LIMIT",
    "ZERO_BUDGET",
    "BadSitingProblem",
    "Marginal",
    "Options",
    "Progress",
    "SitingPlan",
    "SitingProblem",
    "Weights",
    "cost_curve",
    "marginal",
    "solve",
    "weights_of",
]

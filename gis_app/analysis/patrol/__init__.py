"""Patrol planning: team orienteering with service times, time windows and asymmetric travel times."""

from gis_app.analysis.patrol.alternatives import Alternative, EdgeStreets, alternatives, draw, marginal_team
from gis_app.analysis.patrol.plan import PatrolPlan, follow
from gis_app.analysis.patrol.problem import PatrolProblem, check_problem, make_problem
from gis_app.analysis.patrol.search import plan_routes
from gis_app.analysis.patrol.warm_up import warm_up

__all__ = [
    "Alternative",
    "EdgeStreets",
    "PatrolPlan",
    "PatrolProblem",
    "alternatives",
    "check_problem",
    "draw",
    "follow",
    "make_problem",
    "marginal_team",
    "plan_routes",
    "warm_up",
]

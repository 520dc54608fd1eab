"""Where new cameras and lamps do most for the money: joint budgeted maximal covering with a certified bound."""

from gis_app.analysis.siting.plan import Progress, SitingPlan
from gis_app.analysis.siting.problem import BadSitingProblem, SitingProblem
from gis_app.analysis.siting.session import Options
from gis_app.analysis.siting.solver import solve

__all__ = ["BadSitingProblem", "Options", "Progress", "SitingPlan", "SitingProblem", "solve"]

"""The five reference communes, in the order of their documents."""

from gis_app.analysis.town.plan import TownSpec
from gis_app.analysis.town.spec_do_son import DO_SON
from gis_app.analysis.town.spec_hoanh_son import HOANH_SON
from gis_app.analysis.town.spec_kien_an import KIEN_AN
from gis_app.analysis.town.spec_kien_minh import KIEN_MINH
from gis_app.analysis.town.spec_tan_an import TAN_AN

SPECS: tuple[TownSpec, ...] = (DO_SON, KIEN_AN, TAN_AN, HOANH_SON, KIEN_MINH)

"""Whether all households pledged."""

from gis_app.jobs.themes.base import indicator_theme

theme = indicator_theme("household_pledges")

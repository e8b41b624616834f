"""The page that people look at, and the metrics: counts, times and pictures, never PHI."""

from nescio.report.render import render_report
from nescio.report.summary import Summary, summarise
from nescio.report.thumbnails import thumbnails

__all__ = ["Summary", "render_report", "summarise", "thumbnails"]

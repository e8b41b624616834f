"""The report as one self-contained HTML file: no PHI, nothing loaded from elsewhere."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from nescio.report.summary import Summary


def render_report(summary: Summary) -> str:
    """Return the HTML of a run's report; it reads well from 430 pixels of width up."""
    environment = Environment(
        loader=PackageLoader("nescio.report", "data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    most = max((step["seconds"] for step in summary.steps), default=0.0)
    template = environment.get_template("report.html")
    return template.render(summary=summary, metrics=summary.metrics, longest=most or 1.0)

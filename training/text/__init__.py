"""Training text for the tagger: written templates, filled, combined and roughened, spans exact.

``generate(seed, count, split)`` yields dictionaries ``{id, text, spans, source, template_ids,
split, annotated}``; ``python -m training.text`` writes them as JSON lines. ``sources`` reads the
published sets. What is held out, and how labels are drawn, is told in ``docs/training-data.md``.
"""

from training.text.compose import generate
from training.text.templates import Template, load_templates

__all__ = ["Template", "generate", "load_templates"]

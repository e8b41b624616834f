"""Training of the PHI tagger: text, loop, calibration, export."""

"""The machinery of the patterns: rules from data files, run over many texts at once."""

"""Review: a person's word on what is hidden, by marks in any PDF viewer."""

"""Commands of the command line, a module each; what is heavy is imported when one is called."""

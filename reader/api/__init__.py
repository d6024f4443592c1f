"""The doors for programs: what the pages do, with a token and in JSON."""

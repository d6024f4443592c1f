"""The reading session's socket."""

"""What a worker does with an upload: fetch, extract, decide what is spoken, store, tell."""

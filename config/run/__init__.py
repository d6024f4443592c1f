"""`make run`: start everything that the Procfile lists, look after it, stop it."""

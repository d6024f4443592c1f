"""What reads a format: one module each, which bears the format's name in ``FORMATS``."""

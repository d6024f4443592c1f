from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "installation"

    def ready(self) -> None:
        from . import celery  # noqa: F401  (the application that sends tasks)

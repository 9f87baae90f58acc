from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "promint.core"
    label = "core"

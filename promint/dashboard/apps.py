from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "promint.dashboard"
    label = "dashboard"

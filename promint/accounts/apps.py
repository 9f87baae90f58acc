from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "promint.accounts"
    label = "accounts"

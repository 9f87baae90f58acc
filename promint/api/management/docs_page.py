"""GET /api/v1/docs: django-ninja's page, with its script and style from our static files."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from ninja import NinjaAPI, Swagger


class DocsPage(Swagger):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page. The request is left out, because nobody is signed in here and no session is
        read."""
        settings = {**self.settings, "url": self.get_openapi_url(api, kwargs)}
        context = {"swagger_settings": json.dumps(settings), "api": api, "add_csrf": False}
        return HttpResponse(render_to_string(self.template, context))

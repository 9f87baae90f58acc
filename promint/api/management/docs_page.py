"""GET /api/v1/docs: django-ninja's own page, whose script and style come from our static files."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from ninja import NinjaAPI, Swagger


class DocsPage(Swagger):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Without the request: nobody is signed in here, and no session is looked at."""
        settings = {**self.settings, "url": self.get_openapi_url(api, kwargs)}
        context = {"swagger_settings": json.dumps(settings), "api": api, "add_csrf": False}
        return HttpResponse(render_to_string(self.template, context))

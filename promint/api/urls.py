"""The paths under /api/ that Django answers. The door answers the others (promint.server.asgi)."""

from django.urls import path, re_path

from promint.api.edge import unknown_address
from promint.api.management import management

urlpatterns = [
    path("v1/", unknown_address),  # which django-ninja would answer with a page
    path("v1/", management.urls),
    re_path("", unknown_address),
]

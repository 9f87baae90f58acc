"""Every address: the dashboard's pages for people, /api/v1 for machines."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("promint.api.urls")),
    path("", include("promint.dashboard.urls")),
]

handler400 = "promint.dashboard.errors.bad_request"
handler403 = "promint.dashboard.errors.forbidden"
handler404 = "promint.dashboard.errors.not_found"
handler500 = "promint.dashboard.errors.failed"

"""All URLs: the dashboard's pages for people, /api/v1 for programs."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("promint.api.urls")),
    path("", include("promint.dashboard.urls")),
]

handler400 = "promint.dashboard.page.errors.bad_request"
handler403 = "promint.dashboard.page.errors.forbidden"
handler404 = "promint.dashboard.page.errors.not_found"
handler500 = "promint.dashboard.page.errors.failed"

"""The dashboard's routes."""

from promint.dashboard import lists, sign_in, theme
from promint.dashboard.permissions import page

urlpatterns = [
    page("", lists.index, name="lists"),
    page("login", sign_in.sign_in, name="sign_in"),
    page("logout", sign_in.sign_out, name="sign_out"),
    page("theme", theme.choose, name="theme"),
]

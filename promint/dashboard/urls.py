"""The dashboard's routes."""

from promint.dashboard import create_list, lists, sign_in, theme
from promint.dashboard.permissions import page

urlpatterns = [
    page("", lists.index, name="lists"),
    page("lists/new", create_list.create, name="new_list"),
    page("login", sign_in.sign_in, name="sign_in"),
    page("logout", sign_in.sign_out, name="sign_out"),
    page("theme", theme.choose, name="theme"),
]

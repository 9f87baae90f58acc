"""The dashboard's routes."""

from promint.dashboard import (
    batch_log,
    create_list,
    edit_list,
    export_codes,
    generate_codes,
    list_details,
    lists,
    qr_code,
    sign_in,
    theme,
    upload_codes,
)
from promint.dashboard.permissions import page

urlpatterns = [
    page("", lists.index, name="lists"),
    page("lists/new", create_list.create, name="new_list"),
    page("lists/<str:list_id>", list_details.details, name="list"),
    page("lists/<str:list_id>/claims", list_details.all_claims, name="list_claims"),
    page("lists/<str:list_id>/edit", edit_list.edit, name="edit_list"),
    page("lists/<str:list_id>/generate", generate_codes.generate, name="generate"),
    page("lists/<str:list_id>/qr.<str:format>", qr_code.download, name="qr_code"),
    page("lists/<str:list_id>/export", export_codes.start, name="start_export"),
    page("exports/<str:export_id>", export_codes.progress, name="export"),
    page("exports/<str:export_id>/file", export_codes.download, name="export_file"),
    page("lists/<str:list_id>/upload", upload_codes.upload, name="upload"),
    page("batches/<str:batch_id>/rejects", upload_codes.rejects, name="rejects"),
    page("batches/<str:batch_id>/row", batch_log.row, name="batch_row"),
    page("batches/<str:batch_id>/retry", batch_log.retry, name="retry_batch"),
    page("login", sign_in.sign_in, name="sign_in"),
    page("logout", sign_in.sign_out, name="sign_out"),
    page("theme", theme.choose, name="theme"),
]

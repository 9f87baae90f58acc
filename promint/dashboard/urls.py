"""The dashboard's routes."""

from django.urls import register_converter

from promint.dashboard import audit, keys, passkeys, profile, sign_in, team, two_factor, webhooks
from promint.dashboard.batches import check, generate, log, upload
from promint.dashboard.cancellations import choose, history
from promint.dashboard.codes import administer
from promint.dashboard.codes import claim as claim_code
from promint.dashboard.customers import SealedCustomer, claim, give, reverse
from promint.dashboard.customers import history as customer_history
from promint.dashboard.customers import profile as customers
from promint.dashboard.exports import export, print_sheets
from promint.dashboard.handouts import bulk, handouts
from promint.dashboard.lists import archive, create, details, edit, end, index, qr_code
from promint.dashboard.lists import claims as list_claims
from promint.dashboard.lists import codes as list_codes
from promint.dashboard.offers import details as offer
from promint.dashboard.offers import index as offers
from promint.dashboard.page import READ, SENT, page, theme
from promint.dashboard.sign_in import openid, passwords, second_step

register_converter(SealedCustomer, "customer")

urlpatterns = [
    page("", index.index, name="lists", methods=READ),
    page("lists/new", create.create, name="new_list"),
    page("lists/<str:list_id>", details.details, name="list", methods=READ),
    page("lists/<str:list_id>/claims", list_claims.index, name="list_claims"),
    page("lists/<str:list_id>/codes", list_codes.index, name="list_codes", methods=READ),
    page("lists/<str:list_id>/edit", edit.edit, name="edit_list"),
    page("lists/<str:list_id>/end", end.end_now, name="end_list"),
    page("lists/<str:list_id>/delete", end.delete, name="delete_list"),
    page(
        "lists/<str:list_id>/archive",
        archive.archive,
        name="archive_list",
        methods=SENT,
        button_on=("list", "list_id"),
    ),
    page("lists/<str:list_id>/copy", create.copy, name="copy_list"),
    page(
        "lists/<str:list_id>/warnings",
        edit.save_warnings,
        name="list_warnings",
        methods=SENT,
        button_on=("edit_list", "list_id"),
    ),
    page(
        "lists/<str:list_id>/messages",
        edit.save_messages,
        name="list_messages",
        methods=SENT,
        button_on=("edit_list", "list_id"),
    ),
    page("lists/<str:list_id>/generate", generate.generate, name="generate"),
    page("lists/<str:list_id>/qr.<str:format>", qr_code.download, name="qr_code", methods=READ),
    page(
        "lists/<str:list_id>/export",
        export.start,
        name="start_export",
        methods=SENT,
        button_on=("list", "list_id"),
    ),
    page("lists/<str:list_id>/print", print_sheets.choose, name="print"),
    page("exports/<str:export_id>", export.progress, name="export", methods=READ),
    page("exports/<str:export_id>/file", export.download, name="export_file", methods=READ),
    page("lists/<str:list_id>/upload", upload.upload, name="upload"),
    page("lists/<str:list_id>/upload/<str:token>", check.check, name="check_upload"),
    page("lists/<str:list_id>/handouts", handouts.index, name="handouts", methods=READ),
    page("lists/<str:list_id>/handouts/bulk", bulk.choose, name="hand_out_in_bulk"),
    page("lists/<str:list_id>/handouts/bulk/<str:token>", bulk.check, name="check_recipients"),
    page("bulk-handouts/<str:bulk_id>", bulk.progress, name="bulk_handout", methods=READ),
    page("bulk-handouts/<str:bulk_id>/file", bulk.file, name="bulk_handout_file", methods=READ),
    page(
        "bulk-handouts/<str:bulk_id>/rejects",
        bulk.rejects,
        name="bulk_handout_rejects",
        methods=READ,
    ),
    page("batches/<str:batch_id>/rejects", upload.rejects, name="rejects", methods=READ),
    page("batches/<str:batch_id>/row", log.row, name="batch_row", methods=READ),
    page("batches/<str:batch_id>/retry", log.retry, name="retry_batch"),
    page("codes", administer.search, name="codes"),
    page("codes/<str:sealed_code>", administer.details, name="code", methods=READ),
    page("codes/<str:sealed_code>/claim", claim_code.claim, name="claim_code"),
    page("codes/<str:sealed_code>/cancel", administer.cancel, name="cancel_code"),
    page("cancellations", history.index, name="cancellations", methods=READ),
    page("cancellations/new", choose.choose, name="new_cancellation"),
    page("cancellations/<str:cancellation_id>", history.details, name="cancellation", methods=READ),
    page("cancellations/<str:cancellation_id>/undo", history.undo, name="undo_cancellation"),
    page(
        "cancellations/<str:cancellation_id>/decide",
        history.decide,
        name="decide_cancellation",
        methods=SENT,
        button_on=("cancellation", "cancellation_id"),
    ),
    page("customers", customers.search, name="customers"),
    page("customers/<customer:customer>", customers.profile, name="customer", methods=READ),
    # A URL that people and shops write by hand. It redirects to the encrypted one.
    page("customers/<path:customer>", customers.by_id, name="customer_by_id", methods=READ),
    page(
        "customer-points/<customer:customer>",
        customer_history.points,
        name="customer_points",
        methods=READ,
    ),
    page(
        "customer-claims/<customer:customer>",
        customer_history.claims,
        name="customer_claims",
        methods=READ,
    ),
    page(
        "customer-refusals/<customer:customer>",
        customer_history.refusals,
        name="customer_refusals",
        methods=READ,
    ),
    page("claim-for/<customer:customer>", claim.claim, name="claim_for_customer"),
    page("give-to/<customer:customer>", give.give, name="give_to_customer"),
    page(
        "lift-lockout/<customer:customer>",
        customers.lift,
        name="lift_lockout",
        methods=SENT,
        button_on=("customer", "customer"),
    ),
    page("claims/<str:claim_id>/reverse", reverse.reverse, name="reverse_claim"),
    page("offers", offers.index, name="offers", methods=READ),
    page("offers/new", offers.create, name="new_offer"),
    page("offers/<str:offer_id>", offer.details, name="offer", methods=READ),
    page("offers/<str:offer_id>/edit", offer.edit, name="edit_offer"),
    page("offers/<str:offer_id>/retire", offer.retire, name="retire_offer"),
    page(
        "offers/<str:offer_id>/bring-back",
        offer.bring_back,
        name="bring_offer_back",
        methods=SENT,
        button_on=("offer", "offer_id"),
    ),
    page("team", team.index, name="team", methods=READ),
    page("team/invite", team.invite, name="invite"),
    page("team/<int:staff_id>/role", team.change_role, name="change_role"),
    page("team/<int:staff_id>/deactivate", team.deactivate, name="deactivate"),
    page(
        "team/<int:staff_id>/link",
        team.new_link,
        name="new_link",
        methods=SENT,
        button_on=("team",),
    ),
    page(
        "team/second-factor",
        team.demand_second_factor,
        name="demand_second_factor",
        methods=SENT,
        button_on=("team",),
    ),
    page(
        "team/<int:staff_id>/second-factor",
        team.remove_second_factor,
        name="remove_second_factor",
    ),
    page("keys", keys.index, name="keys", methods=READ),
    page("keys/new", keys.create, name="new_key"),
    page("keys/<str:key_id>/revoke", keys.revoke, name="revoke_key"),
    page("webhooks", webhooks.index, name="webhooks", methods=READ),
    page("webhooks/new", webhooks.create, name="new_webhook"),
    page("webhooks/<str:webhook_id>", webhooks.details, name="webhook", methods=READ),
    page("webhooks/<str:webhook_id>/edit", webhooks.edit, name="edit_webhook"),
    page(
        "webhooks/<str:webhook_id>/status",
        webhooks.switch,
        name="switch_webhook",
        methods=SENT,
        button_on=("webhook", "webhook_id"),
    ),
    page(
        "webhooks/<str:webhook_id>/test",
        webhooks.test,
        name="test_webhook",
        methods=SENT,
        button_on=("webhook", "webhook_id"),
    ),
    page("webhooks/<str:webhook_id>/secret", webhooks.secret, name="webhook_secret"),
    page("webhooks/<str:webhook_id>/delete", webhooks.delete, name="delete_webhook"),
    page(
        "webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/resend",
        webhooks.resend,
        name="resend_delivery",
        methods=SENT,
        button_on=("webhook", "webhook_id"),
    ),
    page("audit", audit.index, name="audit"),
    page("profile", profile.edit, name="profile"),
    page(
        "profile/sign-out-everywhere",
        profile.sign_out_everywhere,
        name="sign_out_everywhere",
        methods=SENT,
        button_on=("profile",),
    ),
    page(
        "profile/password",
        profile.change_password,
        name="change_password",
        methods=SENT,
        button_on=("profile",),
    ),
    page("profile/two-factor", two_factor.two_factor, name="two_factor"),
    page(
        "profile/two-factor/off",
        two_factor.turn_off,
        name="turn_off_second_factor",
        methods=SENT,
        button_on=("two_factor",),
    ),
    page(
        "profile/two-factor/recovery-codes",
        two_factor.renew,
        name="renew_recovery_codes",
        methods=SENT,
        button_on=("two_factor",),
    ),
    page("profile/passkeys", passkeys.passkeys, name="passkeys"),
    page("profile/passkeys/<str:passkey_id>/remove", passkeys.remove, name="remove_passkey"),
    page("forgotten-password", passwords.forgotten, name="forgotten_password"),
    page("password/<str:token>", passwords.choose, name="set_password"),
    page("login", sign_in.sign_in, name="sign_in"),
    page("login/code", second_step.code, name="sign_in_code"),
    page("login/openid", openid.begin, name="openid", methods=READ),
    page("login/openid/callback", openid.finish, name="openid_finish", methods=READ),
    page("login/openid/sign-out", openid.sign_out_there, name="openid_sign_out", methods=READ),
    page("logout", sign_in.sign_out, name="sign_out", methods=SENT, button_on=("lists",)),
    page("theme", theme.choose, name="theme", methods=SENT, button_on=("lists",)),
]

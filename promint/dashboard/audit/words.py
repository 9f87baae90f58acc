"""The words for actions and fields in the audit log."""

ACTIONS = {
    "batch.failed": "Batch failed",
    "batch.requested": "Generation started",
    "batch.retried": "Batch tried again",
    "batch.uploaded": "File uploaded",
    "batch.rejects_downloaded": "Rejected rows downloaded",
    "cancellation.confirmed": "Cancellation in bulk confirmed",
    "cancellation.declined": "Cancellation in bulk declined",
    "cancellation.failed": "Cancellation in bulk failed",
    "cancellation.finished": "Codes cancelled in bulk",
    "cancellation.requested": "Cancellation in bulk asked for",
    "cancellation.undo_requested": "Undo of a cancellation asked for",
    "cancellation.undone": "Cancellation in bulk undone",
    "claim.made_for_customer": "Code claimed for a customer",
    "claim.reversed": "Claim taken back",
    "code.cancelled": "Code cancelled",
    "code.handed_out": "Code handed out to a customer",
    "codes.read": "Many codes read",
    "counter.repaired": "Counter repaired",
    "demo.loaded": "Demo data loaded",
    "demo.started": "Demo data started",
    "export.downloaded": "Export downloaded",
    "export.failed": "Export failed",
    "export.requested": "Export requested",
    "handouts.downloaded": "Handed out codes downloaded",
    "handouts.failed": "Handing out in bulk failed",
    "handouts.rejects_downloaded": "Rows without a code downloaded",
    "handouts.requested": "Handing out in bulk started",
    "key.created": "API key created",
    "key.revoked": "API key revoked",
    "list.archived": "List archived",
    "list.created": "List created",
    "list.deleted": "List deleted",
    "list.edited": "List edited",
    "list.messages_changed": "Sentences for customers changed",
    "list.unarchived": "List brought back from the archive",
    "list.warnings_changed": "Warnings of a list changed",
    "lockout.lifted": "Lockout lifted",
    "offer.changed": "Offer changed",
    "offer.created": "Offer created",
    "staff.created": "Account created",
    "staff.deactivated": "Account deactivated",
    "staff.invited": "Someone invited",
    "staff.linked": "Account linked to the sign-in provider",
    "staff.openid_refused": "Not let in through the provider",
    "staff.passkey_added": "Passkey added",
    "staff.passkey_removed": "Passkey removed",
    "staff.password_set": "Password set",
    "staff.profile_edited": "Profile edited",
    "staff.reactivated": "Account reactivated",
    "staff.role_changed": "Role changed",
    "staff.role_kept": "The last administrator kept the role, although the groups say another",
    "staff.sign_in_failed": "Wrong password",
    "staff.signed_in": "Signed in",
    "staff.signed_out": "Signed out",
    "staff.second_factor_on": "Second factor turned on",
    "staff.second_factor_off": "Second factor removed",
    "staff.second_factor_failed": "Wrong second factor",
    "staff.second_factor_demanded": "Second factor demanded of everybody",
    "staff.second_factor_left_open": "Second factor no longer demanded",
    "staff.recovery_codes_renewed": "New recovery codes",
    "staff.signed_out_everywhere": "Signed out everywhere",
    "webhook.changed": "Webhook changed",
    "webhook.created": "Webhook created",
    "webhook.deleted": "Webhook deleted",
    "webhook.disabled": "Webhook disabled: its receiver is gone",
    "webhook.resent": "Event sent again",
    "webhook.secret_replaced": "Webhook secret replaced",
    "webhook.tested": "Test event sent",
}


def action(name: str) -> str:
    return ACTIONS.get(name, name)


def field(name: str) -> str:
    """The label of a field that was changed: "End" for ends_at."""
    return _FIELDS.get(name, name.replace("_", " ").capitalize())


_FIELDS = {"starts_at": "Start", "ends_at": "End", "time_zone": "Time zone"}
VALUES = {
    ("code", "stays_used"): "stays used",
    ("code", "available_again"): "is available again",
}
EMPTY = {"entry_cap": "no cap", "time_zone": "as the installation", "points": "none"}

"""Drawings in SVG: icons of 16 by 16, and glyphs of statuses of 10 by 10. One stroke, no fill."""

ICONS = {
    "ticket": '<path d="M2 5.2A1.2 1.2 0 0 1 3.2 4h9.6A1.2 1.2 0 0 1 14 5.2v1.3a1.5 1.5 0 0 0 0 3v1.3a1.2 1.2 0 0 1-1.2 1.2H3.2A1.2 1.2 0 0 1 2 10.8V9.5a1.5 1.5 0 0 0 0-3z"/><path d="M9.5 4.2v1M9.5 7.5v1M9.5 10.8v1"/>',
    "check-code": '<circle cx="6.8" cy="6.8" r="4.3"/><path d="m10 10 3.6 3.6M5.4 6.8l1 1 1.8-2"/>',
    "person": '<circle cx="8" cy="5.4" r="2.6"/><path d="M3 13.4c.5-2.6 2.5-4 5-4s4.5 1.4 5 4"/>',
    "gift": '<path d="M2.5 5.8h11v2.7h-11zM3.6 8.5v5h8.8v-5M8 5.8v7.7M8 5.8C6.8 2.6 4.4 2.3 4.2 3.9 4 5.3 6 5.8 8 5.8Zm0 0c1.2-3.2 3.6-3.5 3.8-1.9.2 1.4-1.8 1.9-3.8 1.9Z"/>',
    "people": '<circle cx="6" cy="5.6" r="2.3"/><path d="M1.8 13c.4-2.3 2-3.6 4.2-3.6s3.8 1.3 4.2 3.6M10.3 3.5a2.3 2.3 0 0 1 0 4.2M11.8 9.9c1.3.5 2.1 1.5 2.4 3.1"/>',
    "key": '<circle cx="5.3" cy="10.7" r="2.8"/><path d="m7.4 8.6 5.8-5.8M10.4 5.6l2.1 2.1"/>',
    "bell": '<path d="M4.2 11.2V7a3.8 3.8 0 0 1 7.6 0v4.2l1.2 1.3H3zM6.7 14.2h2.6"/>',
    "log": '<path d="M4.2 2.5h7.6a1.2 1.2 0 0 1 1.2 1.2v8.6a1.2 1.2 0 0 1-1.2 1.2H4.2A1.2 1.2 0 0 1 3 12.3V3.7a1.2 1.2 0 0 1 1.2-1.2zM5.7 5.5h4.6M5.7 8h4.6M5.7 10.5h2.5"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "theme": '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11M10 3.2v9.6M12 4.5v7"/>',
    "sign-out": '<path d="M6.5 2.8H4a1.2 1.2 0 0 0-1.2 1.2v8A1.2 1.2 0 0 0 4 13.2h2.5M10.3 5.2 13 8l-2.7 2.8M13 8H6.2"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "cross": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "check": '<path d="m3 8.5 3.3 3.3L13 4.8"/>',
    "search": '<circle cx="7" cy="7" r="4.25"/><path d="m10.2 10.2 3.3 3.3"/>',
    "down": '<path d="m4 6.2 4 4 4-4"/>',
    "back": '<path d="M10 3.5 5.5 8l4.5 4.5"/>',
    "forward": '<path d="m6 3.5 4.5 4.5L6 12.5"/>',
    "sorted-down": '<path d="M8 3v9.5M4 8.8l4 4 4-4"/>',
    "sorted-up": '<path d="M8 13V3.5M4 7.2l4-4 4 4"/>',
    "warning": '<path d="M8 2.6 14 13H2zM8 6.7v2.8M8 11.4v.1"/>',
    "info": '<circle cx="8" cy="8" r="5.7"/><path d="M8 7.5v3.3M8 5.2v.1"/>',
    "lock": '<rect x="3.2" y="7.2" width="9.6" height="6.3" rx="1.2"/><path d="M5.2 7.2V5a2.8 2.8 0 0 1 5.6 0v2.2"/>',
    "upload": '<path d="M8 10.5V2.8M4.8 5.8 8 2.7l3.2 3.1M2.8 13.3h10.4"/>',
    "download": '<path d="M8 2.5v7.7M4.8 7.3 8 10.4l3.2-3.1M2.8 13.3h10.4"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1.2"/><path d="M10.5 3.7A1.2 1.2 0 0 0 9.3 2.5H3.7a1.2 1.2 0 0 0-1.2 1.2v5.6a1.2 1.2 0 0 0 1.2 1.2"/>',
    "forbidden": '<circle cx="8" cy="8" r="5.6"/><path d="m4.1 4.1 7.8 7.8"/>',
    "single-use": '<path d="M2.5 5.2A1.2 1.2 0 0 1 3.7 4h8.6a1.2 1.2 0 0 1 1.2 1.2v5.6a1.2 1.2 0 0 1-1.2 1.2H3.7a1.2 1.2 0 0 1-1.2-1.2zM7 6.7l1.2-.7v4.2"/>',
    "multi-use": '<rect x="2.5" y="6.5" width="9" height="6.5" rx="1.2"/><path d="M4.8 4.5V4a1 1 0 0 1 1-1h6.7a1 1 0 0 1 1 1v5.5a1 1 0 0 1-1 1h-.3"/>',
}

LOGO = '<path fill="currentColor" fill-rule="evenodd" d="M4.5 5H13a2 2 0 0 0 4 0h2.5A2.5 2.5 0 0 1 22 7.5v9a2.5 2.5 0 0 1-2.5 2.5H17a2 2 0 0 0-4 0H4.5A2.5 2.5 0 0 1 2 16.5v-9A2.5 2.5 0 0 1 4.5 5Zm10.5 3.6a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Zm0 2.5a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Zm0 2.5a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Z"/>'

_DOT = '<circle cx="5" cy="5" r="3.5" fill="currentColor" stroke="none"/>'
_CLOCK = '<circle cx="5" cy="5" r="3.7"/><path d="M5 3v2.2l1.3.8"/>'
_CHECK = '<path d="m1.5 5.3 2.3 2.3 4.7-5"/>'
_RING = '<circle cx="5" cy="5" r="3.5"/>'
_CROSS = '<path d="m2 2 6 6M8 2 2 8"/>'
_BANG = '<path d="M5 1.5v4.2M5 8.4v.1"/>'
_DASH = '<path d="M2 5h6"/>'

# The word, the glyph and the colour's class of each status ("" is grey).
STATUSES = {
    "active": ("Active", _DOT, "active"),
    "pending": ("Pending", _CLOCK, "pending"),
    "completed": ("Completed", _CHECK, ""),
    "claimed": ("Claimed", _CHECK, ""),
    "used": ("Used", _CHECK, ""),
    "available": ("Available", _RING, "active"),
    "open": ("Open", _RING, "active"),
    "cancelled": ("Cancelled", _CROSS, "bad"),
    "refused": ("Refused", _CROSS, "bad"),
    "failed": ("Failed", _BANG, "bad"),
    "expired": ("Expired", _DASH, ""),
    "invited": ("Invited", _CLOCK, "pending"),
    "deactivated": ("Deactivated", _DASH, ""),
    "retired": ("Retired", _DASH, ""),
    "revoked": ("Revoked", _DASH, ""),
    "reversed": ("Taken back", _DASH, ""),
    "waiting": ("Waiting", _CLOCK, "pending"),
    "under_way": ("Under way", _CLOCK, "pending"),
    "undoing": ("Being undone", _CLOCK, "pending"),
    "done": ("Done", _CHECK, ""),
    "undone": ("Undone", _DASH, ""),
    "declined": ("Declined", _DASH, ""),
    "withdrawn": ("Withdrawn", _DASH, ""),
    "unknown": ("Unknown", _DASH, ""),
    "paused": ("Paused", _CLOCK, ""),
    "disabled": ("Disabled", _BANG, "bad"),
    "delivered": ("Delivered", _CHECK, "active"),
}

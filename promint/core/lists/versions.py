"""The version of a list identifies its values when somebody read it, so that nobody overwrites a
change that they have not seen."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

from promint.core.models import PromoList
from promint.core.rules import Refusal, Refused


def editable(promo_list: PromoList) -> dict[str, Any]:
    """What can be changed once the list exists, in the form of the audit log."""
    return {
        "name": promo_list.name,
        "ends_at": promo_list.ends_at.isoformat(),
        "entry_cap": promo_list.counter.entry_cap,
    }


def version(promo_list: PromoList) -> str:
    """16 characters that differ whenever the name, the end or the cap differs."""
    values = json.dumps(editable(promo_list), sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def check_version(promo_list: PromoList, versions: Collection[str] | None) -> None:
    """`versions`: the versions for which a change was made. None means any. Raises Refused."""
    if versions is not None and version(promo_list) not in versions:
        raise Refused(
            Refusal.CHANGED_MEANWHILE,
            "Somebody has changed the list meanwhile. Read it again, and send the change with the"
            " ETag that it has now.",
        )

"""Which columns the exports of other systems have, as their makers document them. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class System:
    """Each field names the columns in which a fact stands: the first that a file has is read.

    `offered`: column and values of what can be mapped; a row with another value has a balance.
    `off`: values, by column, with which a code is switched off. `share`: whether per cent are
    written as a part of 1.
    """

    label: str
    code: tuple[str, ...]
    limit: tuple[str, ...]
    used: tuple[str, ...]
    campaign: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    amount: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    off: dict[str, frozenset[str]] = field(default_factory=dict)
    balances: dict[str, frozenset[str]] = field(default_factory=dict)
    per_cent: frozenset[str] = frozenset()
    free_shipping: frozenset[str] = frozenset()
    share: bool = False


def _words(*words: str) -> frozenset[str]:
    return frozenset(words)


SYSTEMS = {
    "voucherify": System(
        "Voucherify",
        code=("code",),
        limit=("redemption_quantity",),
        used=("redemption_count",),
        campaign=("campaign",),
        starts=("start_date",),
        ends=("expiration_date",),
        amount=("value",),
        kind=("discount_type",),
        off={"active": _words("false")},
        balances={"voucher_type": _words("gift_voucher", "gift_card", "loyalty_card")},
        per_cent=_words("percent"),
    ),
    "talonone": System(
        "Talon.One",
        code=("value",),
        limit=("limitval",),
        used=("counter",),
        campaign=("campaignid",),
        starts=("startdate",),
        ends=("expirydate",),
        customer=("recipientintegrationid",),
        off={"deleted": _words("true")},
    ),
    "shopify": System(
        "Shopify",
        code=("code",),
        limit=("limit_total_times", "usage_limit"),
        used=("code_used_count", "used_count"),
        campaign=("title",),
        starts=("starts_at",),
        ends=("ends_at",),
        amount=("value", "discount_value"),
        kind=("value_type", "discount_value_type"),
        off={"status": _words("expired"), "method": _words("automatic")},
        per_cent=_words("percentage"),
        free_shipping=_words("free_shipping"),
        share=True,
    ),
    "woocommerce": System(
        "WooCommerce",
        code=("code", "post_title", "coupon_code"),
        limit=("usage_limit",),
        used=("usage_count",),
        starts=(),
        ends=("date_expires", "expiry_date"),
        amount=("coupon_amount", "amount"),
        kind=("discount_type",),
        off={"post_status": _words("draft", "pending", "private", "trash")},
        balances={"discount_type": _words("smart_coupon", "store_credit")},
        per_cent=_words("percent", "percent_product"),
    ),
}

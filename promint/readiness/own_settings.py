"""Settings that can be used, but are hardly meant for going live."""

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

from promint import environment, setting_names
from promint.readiness.remark import Remark, fine, warning


def look() -> list[Remark]:
    remarks = list(about_address(environment.base_url()))
    remarks += about_secret(
        os.environ.get("PROMINT_DATABASE_URL", ""), os.environ.get("PROMINT_SECRET_KEY", "")
    )
    remarks += [
        warning(f"{name} is not a setting, and counts for nothing.")
        for name in setting_names.unknown(os.environ)
    ]
    sender = environment.email_from()
    if environment.email_url() is not None and sender.strip(">").endswith("@localhost"):
        remarks.append(
            warning(
                f"PROMINT_EMAIL_FROM is {sender}, which many mail servers refuse:"
                " set an address of your own."
            )
        )
    return remarks or [fine("All can be used.")]


def about_address(url: str) -> list[Remark]:
    parts = urlsplit(url)
    if _is_this_machine(parts.hostname or ""):
        said = f"PROMINT_BASE_URL is on {parts.hostname}, which only this machine reaches"
        ask = "links in mails begin with it, so set the address that people use"
        return [warning(f"{said}: {ask}.")]
    if parts.scheme != "https":
        said = "PROMINT_BASE_URL is not https, so passwords and cookies go unencrypted"
        ask = "put a proxy with TLS in front, and set the https:// address"
        return [warning(f"{said}: {ask}.")]
    return []


def about_secret(database: str, secret: str) -> list[Remark]:
    """Sessions, and secrets of webhooks, of one machine mean nothing to another with its own
    secret."""
    if secret or not database.startswith("postgres"):
        return []
    said = "PROMINT_SECRET_KEY is not set, so this machine has a secret of its own"
    return [warning(f"{said}: if others use the same database, give all of them the same.")]


def _is_this_machine(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified

"""Sessions: one row each, found by the hash of a key that only the browser has.

A session ends after some hours without use, after two weeks whatever happens, and when its owner's
password or role changes. Django's middleware works with the class SessionStore.
"""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from promint.accounts import network_addresses
from promint.accounts.models import Staff, StaffSession
from promint.core import audit
from promint.core.storage import Busy, OutcomeUnknown, durable, noting_commits

USE_NOTED_EVERY = timedelta(minutes=1)
_SINCE, _DEVICE, _ADDRESS = "since", "device", "address"
_THROUGH_PROVIDER = "through_provider"


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        row = StaffSession.objects.filter(
            session_key=hashed(self.session_key or ""), expire_date__gt=now
        ).first()
        if row is None:
            self._session_key = None
            return {}
        if now - row.seen_at > USE_NOTED_EVERY:
            # The next use notes it, and it is no change of the request.
            with suppress(Busy, OutcomeUnknown), noting_commits():
                _note_use(row, now)
        return self.decode(row.session_data)

    def exists(self, session_key: str) -> bool:
        return StaffSession.objects.filter(session_key=hashed(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        now = timezone.now()
        since = datetime.fromisoformat(data.setdefault(_SINCE, now.isoformat()))
        return StaffSession(
            session_key=hashed(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=_ends_at(since, now),
            staff_id=data.get(SESSION_KEY),
            device=data.get(_DEVICE, ""),
            address=data.get(_ADDRESS, ""),
            since=since,
            seen_at=now,
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            StaffSession.objects.filter(session_key=hashed(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        StaffSession.objects.filter(expire_date__lt=timezone.now()).delete()


def hashed(session_key: str) -> str:
    """The key has 165 random bits, so a plain hash hides it."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def _ends_at(since: datetime, now: datetime) -> datetime:
    longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return min(since + longest, now + settings.SESSION_IDLE)


@durable
def _note_use(row: StaffSession, now: datetime) -> None:
    found = StaffSession.objects.filter(session_key=row.session_key)
    found.update(seen_at=now, expire_date=_ends_at(row.since, now))


@receiver(user_logged_in)
def _begin(request: HttpRequest, **_: object) -> None:
    request.session[_SINCE] = datetime.now(UTC).isoformat()
    request.session[_DEVICE] = device_named(request.META.get("HTTP_USER_AGENT", ""))
    request.session[_ADDRESS] = network_addresses.plain(request.META.get("REMOTE_ADDR", ""))


def note_provider(session: SessionBase) -> None:
    """Note that the company's provider let this person in."""
    session[_THROUGH_PROVIDER] = True


def is_through_provider(session: SessionBase) -> bool:
    return _THROUGH_PROVIDER in session


def of(staff: Staff) -> QuerySet[StaffSession]:
    """The person's sessions that have not ended; the one that was used last comes first."""
    return staff.sessions.filter(expire_date__gt=timezone.now()).order_by("-seen_at")


def end_all(staff: Staff) -> None:
    """End all sessions of the person, within the caller's transaction."""
    staff.sessions.all().delete()


@durable
def sign_out_everywhere(staff: Staff, address: str) -> None:
    end_all(staff)
    audit.record(
        staff.actor, "staff.signed_out_everywhere", staff.email, after={"address": address}
    )


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete at most `most` sessions that have ended and return how many were deleted."""
    ended = StaffSession.objects.filter(expire_date__lt=now)
    gone = list(ended.values_list("session_key", flat=True)[:most])
    return StaffSession.objects.filter(session_key__in=gone).delete()[0]


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_named(user_agent: str) -> str:
    """The browser and system by the names people know, like "Firefox on Windows"."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown device"


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    said = user_agent[:1000]
    return next((name for token, name in names if token in said), "")

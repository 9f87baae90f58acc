"""Staff and API keys. The domain knows neither: it keeps names of who did what as text."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from promint.accounts.roles import Permission, Role, may
from promint.core.models import QueuedMail
from promint.core.storage import Identified


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email=(username or "").strip().lower())


class Staff(AbstractBaseUser):
    email = models.CharField(max_length=254, unique=True)  # lower case
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=7, choices=[(r.value, r.value) for r in Role])
    time_zone = models.CharField(max_length=64, blank=True)  # empty: PROMINT_TIME_ZONE
    is_active = models.BooleanField(default=True)
    second_factor_since = models.DateTimeField(null=True)  # None: a password is enough
    second_factor_demanded = models.BooleanField(default=False, db_default=False)
    # "ISSUER SUBJECT" of who signs in through the provider; None: nobody has so far
    openid_subject = models.CharField(max_length=600, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["openid_subject"], name="one_account_a_subject")
        ]

    def may(self, permission: Permission) -> bool:
        return self.is_active and may(self.role, permission)

    @property
    def status(self) -> str:
        """invited until the first password is set or the provider lets them in, active, or
        deactivated."""
        if not self.is_active:
            return "deactivated"
        return "active" if self.has_usable_password() or self.is_linked else "invited"

    @property
    def is_linked(self) -> bool:
        """Whether the person has signed in through the provider."""
        return self.openid_subject is not None

    @property
    def has_second_factor(self) -> bool:
        return self.second_factor_since is not None

    @property
    def must_set_up_second_factor(self) -> bool:
        return self.second_factor_demanded and not self.has_second_factor

    @property
    def actor(self) -> str:
        """How the audit log names this person."""
        return f"staff:{self.email}"


class SecondFactor(models.Model):
    """See promint.accounts.second_factor."""

    staff = models.OneToOneField(Staff, models.CASCADE, primary_key=True)
    secret = models.CharField(max_length=300)  # sealed; empty: passkeys alone
    last_step = models.BigIntegerField()  # of 30 s since 1970; its code is not taken again
    recovery_codes = models.JSONField(default=list)  # SHA-256 of those that are left


class Passkey(Identified):
    """See promint.accounts.passkeys."""

    PREFIX = "psk"
    NAME_CHARACTERS = 60
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=NAME_CHARACTERS)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    credential = models.BinaryField(max_length=3000)  # its public key, as authenticators have it
    counter = models.BigIntegerField()  # of its signatures; zero for ever in many
    last_used_at = models.DateTimeField(null=True)


class ApiKey(Identified):
    PREFIX = "key"
    name = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32, unique=True)  # SHA-256 of the key
    hint = models.CharField(max_length=12)  # its first characters, to tell keys apart
    scopes = models.JSONField(default=list)
    created_by = models.CharField(max_length=300)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class AccountMail(QueuedMail):
    """A link to set a password with, or a warning to an administrator."""

    PREFIX = "acm"
    staff = models.ForeignKey(Staff, models.CASCADE, null=True)  # None: nobody has this address
    # invitation, forgotten, lists: warnings about those in `told`; guessing: `subject` is the API
    # key that guesses codes; or confirm: `subject` is a cancellation that waits
    about = models.CharField(max_length=10)
    subject = models.CharField(max_length=20, blank=True)
    told = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))


class UsedAllowance(models.Model):
    """How much of an allowance is used: see promint.accounts.allowances. Of a fixed set of rows."""

    row = models.IntegerField(primary_key=True)
    used_until = models.DateTimeField(db_index=True)


class StaffSession(AbstractBaseSession):
    """See promint.accounts.sessions. `session_key` is the hash of what the browser has."""

    session_key = models.CharField(max_length=64, primary_key=True)
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=80)
    address = models.CharField(max_length=45)
    since = models.DateTimeField()  # the sign-in
    seen_at = models.DateTimeField()  # noted once a minute at most

"""Why somebody does not get in through the provider."""

from enum import StrEnum


class ProviderFailed(Exception):
    """The provider does not answer, or not with what was agreed. The text is for the log: it holds
    no secret, no code and no token."""


class Why(StrEnum):
    """A person did not get in; what the page says, after the provider's name."""

    START_AGAIN = "This sign-in was begun in another browser, or more than ten minutes ago."
    DECLINED = "The provider did not let you in, or you turned back there."
    NO_ADDRESS = "The provider tells Promint no e-mail address of yours."
    UNVERIFIED = "The provider does not say that your e-mail address is verified."
    NO_GROUP = "None of your groups at the provider may use Promint."
    DEACTIVATED = "Your account in Promint is deactivated."
    OTHER_PERSON = "Somebody else at the provider uses the account with your e-mail address."


class NoEntry(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why

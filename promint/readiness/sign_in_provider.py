"""Whether the company's sign-in provider answers as Promint needs it."""

from django.conf import settings

from promint.readiness.remark import Remark, fine, not_fine


def look() -> list[Remark]:
    from promint.accounts import openid

    company = settings.OPENID
    if company is None:
        return [fine("None is set: people sign in with passwords.")]
    try:
        openid.look(company)
    except openid.ProviderFailed as failed:
        ask = "correct PROMINT_OIDC_ISSUER or the provider"
        return [not_fine(f"{company.name} cannot be used: {failed}; {ask}.")]
    return [fine(f"{company.name} answers as {company.issuer}. Nobody was signed in.")]

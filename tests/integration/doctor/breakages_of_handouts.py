"""Ways to break codes that were handed out."""

from promint.core import codes
from promint.core.codes import handouts
from promint.core.models import PromoList
from promint.core.rules import HandoutRules
from tests.factories import ACTOR, a_batch, a_list, claim
from tests.integration.doctor.breakages import Story, breaks, execute, without_constraints


def handed_out(recipient: str = "cust-7", *, bound: bool = True) -> tuple[PromoList, str]:
    """The list, and the canonical code."""
    promo_list = a_list(tags=["spring"], handout=HandoutRules(bound=bound))
    a_batch(promo_list, 2)
    state, _ = handouts.hand_out(promo_list.public_id, recipient, ACTOR)
    return promo_list, state.handout.code


@breaks(12)
def a_code_is_handed_out_twice(_: Story) -> None:
    handed_out()
    without_constraints("core_handout")
    execute(
        "INSERT INTO core_handout (list_id, code, recipient, place, id, handed_out_at, actor,"
        " reason) SELECT list_id, code, 'cust-8', 0, id, handed_out_at, actor, reason"
        " FROM core_handout"
    )


@breaks(12)
def a_recipient_has_more_codes_than_the_list_allows(_: Story) -> None:
    promo_list, _ = handed_out()
    handouts.hand_out(promo_list.public_id, "cust-8", ACTOR)
    execute("UPDATE core_handout SET recipient = 'cust-7', place = 1 WHERE recipient = 'cust-8'")


@breaks(12)
def handouts_are_counted_wrongly(_: Story) -> None:
    handed_out()
    execute("UPDATE core_handoutcount SET codes = codes + 1")


@breaks(1)
def codes_that_were_handed_out_and_claimed_are_counted_wrongly(_: Story) -> None:
    _, code = handed_out()
    claim(code, "cust-7")
    execute("UPDATE core_listcounter SET handed_out_gone = 0")


@breaks(12)
def a_bound_code_is_claimed_by_another(_: Story) -> None:
    _, code = handed_out()
    claim(code, "cust-7")
    execute("UPDATE core_handout SET recipient = 'cust-8'")


@breaks(12)
def a_code_of_another_list_is_handed_out(story: Story) -> None:
    handed_out()
    execute("UPDATE core_handout SET code = %s", codes.find(story.free).value)

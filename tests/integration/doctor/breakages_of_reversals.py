"""Ways to break claims that were taken back."""

from promint.core.claiming import reversal
from promint.core.models import Claim
from tests.factories import ACTOR, claim
from tests.integration.doctor.breakages import Story, breaks, execute, without_constraints


def take_back(story: Story, *, again: bool = False) -> None:
    claim_id = Claim.objects.get(code=story.claimed, round=0).id
    reversal.reverse(claim_id, "returned", ACTOR, available_again=again)


@breaks(11)
def a_reversal_took_other_points_back(story: Story) -> None:
    take_back(story)
    execute("UPDATE core_pointsentry SET points = -99 WHERE reversal")
    execute("UPDATE core_customer SET points = points + 1 WHERE id = 'cust-1'")


@breaks(4, 11)
def a_reversal_says_other_points_than_went_back(story: Story) -> None:
    take_back(story)
    execute("UPDATE core_reversal SET points = 99")
    execute("UPDATE core_customer SET points = points + 1 WHERE id = 'cust-1'")


@breaks(11)
def an_offer_outlives_the_reversal_of_its_claim(story: Story) -> None:
    take_back(story)
    execute("UPDATE core_issuedoffer SET withdrawn_at = NULL")


@breaks(4)
def a_tag_outlives_the_reversal_of_its_claim(story: Story) -> None:
    take_back(story)
    execute(
        "INSERT INTO core_customertag (customer, tag, tagged_at)"
        " VALUES ('cust-1', 'vip', CURRENT_TIMESTAMP)"
    )


@breaks(1, 3, 4, 11)
def a_reversal_is_gone_after_the_code_was_claimed_again(story: Story) -> None:
    take_back(story, again=True)
    claim(story.claimed, "cust-3")
    execute("DELETE FROM core_reversal")


@breaks(4, 11)
def a_claim_is_taken_back_twice(story: Story) -> None:
    take_back(story)
    without_constraints("core_reversal")
    execute("INSERT INTO core_reversal SELECT * FROM core_reversal")


@breaks(4, 11)
def a_reversal_of_no_claim(story: Story) -> None:
    take_back(story)
    execute("UPDATE core_reversal SET customer = 'cust-9'")

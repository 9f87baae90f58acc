\set who random(1, 1000000000000000)
SELECT claim_by_hand('BYHAND', 'hand-' || :who, false);

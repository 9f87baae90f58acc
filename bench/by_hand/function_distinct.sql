\set who random(1, 1000000000000000)
\set turn :turn + 1
\set n :first + :client_id + :clients * :turn
SELECT claim_by_hand('N' || :n, 'hand-' || :who, true);

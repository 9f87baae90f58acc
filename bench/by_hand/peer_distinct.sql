\set who random(1, 1000000000000000)
\set turn :turn + 1
\set n :first + :client_id + :clients * :turn
BEGIN;
SELECT id, list_id, status FROM code WHERE value = 'CODE' || :n;
SELECT entry_cap, claims, points FROM list WHERE id = 2;
UPDATE code SET status = 1 WHERE id = :n;
INSERT INTO claim (code_id, list_id, customer) VALUES (:n, 2, 'hand-' || :who);
INSERT INTO ledger (claim_id, customer, points) VALUES (currval('claim_id_seq'), 'hand-' || :who, 100);
COMMIT;

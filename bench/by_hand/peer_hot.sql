\set who random(1, 1000000000000000)
BEGIN;
SELECT id, list_id, status FROM code WHERE value = 'CODE0';
SELECT entry_cap, claims, points FROM list WHERE id = 1 FOR UPDATE;
INSERT INTO claim (code_id, list_id, customer) VALUES (0, 1, 'hand-' || :who);
INSERT INTO ledger (claim_id, customer, points) VALUES (currval('claim_id_seq'), 'hand-' || :who, 100);
UPDATE list SET claims = claims + 1 WHERE id = 1;
COMMIT;

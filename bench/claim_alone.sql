-- One claim as one transaction: the statements of the product, for one attempt at a time.
-- CODE, CUSTOMER, LIST and ONCE are filled in; i counts within a client.
\set i :i + 1
BEGIN;
SELECT value, list_id FROM core_code WHERE value = CODE;
SELECT claims, entry_cap FROM core_listcounter WHERE list_id = LIST FOR UPDATE;
SELECT clock_timestamp();
SELECT ends_at FROM core_promolist WHERE id = LIST;
SELECT c.typed, c.cancelled_at, b.status FROM core_code c LEFT JOIN core_batch b ON b.id = c.batch_id WHERE c.value = CODE;
SELECT id FROM core_claim WHERE code = CODE AND (ONCE OR customer = CUSTOMER);
SELECT recent, locked_until FROM core_guessingcustomer WHERE customer = CUSTOMER;
UPDATE core_listcounter SET claims = claims + 1 WHERE list_id = LIST;
INSERT INTO core_claimhour (list_id, hour, claims) VALUES (LIST, date_trunc('hour', now()), 1) ON CONFLICT (list_id, hour) DO UPDATE SET claims = core_claimhour.claims + 1;
INSERT INTO core_claim (code, customer, list_id, id, claimed_at, single_use) VALUES (CODE, CUSTOMER, LIST, 'clm_' || md5(random()::text), clock_timestamp(), ONCE);
INSERT INTO core_customer (id, points, claims) VALUES (CUSTOMER, 100, 1) ON CONFLICT (id) DO UPDATE SET points = core_customer.points + 100, claims = core_customer.claims + 1;
INSERT INTO core_pointsentry (customer, code, points, issued_at) VALUES (CUSTOMER, CODE, 100, now());
COMMIT;

-- A claim as one call of a stored function. It writes the rows that Promint writes, in its tables.
CREATE FUNCTION claim_by_hand(wanted text, who text, once boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  its_list bigint;
  this_hour timestamptz := date_trunc('hour', now());
BEGIN
  SELECT list_id INTO its_list FROM core_code WHERE value = wanted;
  UPDATE core_listcounter SET claims = claims + 1
    WHERE list_id = its_list AND (entry_cap IS NULL OR claims < entry_cap);
  IF NOT FOUND THEN RETURN 'cap reached'; END IF;
  INSERT INTO core_claim (code, customer, list_id, id, claimed_at, single_use)
    VALUES (wanted, who, its_list, 'clm_' || md5(random()::text), clock_timestamp(), once)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RAISE EXCEPTION 'claimed already'; END IF;
  INSERT INTO core_claimhour (list_id, hour, claims) VALUES (its_list, this_hour, 1)
    ON CONFLICT (list_id, hour) DO UPDATE SET claims = core_claimhour.claims + 1;
  INSERT INTO core_customer (id, points, claims) VALUES (who, 100, 1)
    ON CONFLICT (id) DO UPDATE
    SET points = core_customer.points + 100, claims = core_customer.claims + 1;
  INSERT INTO core_pointsentry (customer, code, points, issued_at) VALUES (who, wanted, 100, now());
  RETURN 'claimed';
END $$;

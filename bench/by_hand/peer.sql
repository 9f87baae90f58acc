-- Small tables as other programs for codes have them. They keep neither customers nor hours.
CREATE TABLE list (id int PRIMARY KEY, entry_cap bigint, claims bigint NOT NULL DEFAULT 0, points int NOT NULL);
CREATE TABLE code (id int PRIMARY KEY, value text COLLATE "C" UNIQUE NOT NULL, list_id int NOT NULL,
  status smallint NOT NULL DEFAULT 0);
CREATE TABLE claim (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code_id int NOT NULL, list_id int NOT NULL,
  customer text COLLATE "C" NOT NULL, claimed_at timestamptz NOT NULL DEFAULT now(), UNIQUE (code_id, customer));
CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, claim_id bigint NOT NULL,
  customer text NOT NULL, points int NOT NULL);
INSERT INTO list VALUES (1, 10000000, 0, 100), (2, NULL, 0, 100);
INSERT INTO code SELECT n, 'CODE' || n, 1 + (n > 0)::int, 0 FROM generate_series(0, 400000) n;
ANALYZE;

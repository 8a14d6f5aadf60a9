-- Usage by month. The partition key is the event's id, which begins with the time it was made at: (event_id, source) stays unique over all
-- months that are here, and a month leaves by DETACH instead of a DELETE. Collation C, so that ids order as their bytes do.
ALTER TABLE usage_events RENAME TO usage_events_before;
ALTER TABLE usage_events_before RENAME CONSTRAINT usage_events_pkey TO usage_events_before_pkey;
DROP INDEX usage_events_by_account;
DROP INDEX usage_events_by_request;
DROP TRIGGER usage_events_immutable ON usage_events_before;

CREATE TABLE usage_events (
  event_id          text COLLATE "C" NOT NULL,
  source            text        NOT NULL,
  payload_hash      text        NOT NULL,
  journal_position  bigint      NOT NULL,
  account_id        text        NOT NULL,
  key_id            text        NOT NULL,
  instance_id       bigint,
  platform_model_id text,
  model             text        NOT NULL,
  endpoint          text        NOT NULL,
  region            text,
  started_at        timestamptz NOT NULL,
  ended_at          timestamptz NOT NULL,
  outcome           text        NOT NULL,
  status            integer     NOT NULL,
  units             jsonb       NOT NULL,
  estimated         boolean     NOT NULL,
  billable          boolean     NOT NULL,
  ttft_ms           double precision,
  source_tag        text,
  request_id        text        NOT NULL,
  price_version     integer,
  cost_nano_usd     bigint      NOT NULL CHECK (cost_nano_usd >= 0),
  recorded_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, source)
) PARTITION BY RANGE (event_id);
-- Ascending: pages of an index that grows at its end are left full.
CREATE INDEX usage_events_by_account ON usage_events (account_id, started_at);
CREATE INDEX usage_events_by_request ON usage_events (request_id);
CREATE TRIGGER usage_events_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON usage_events
  FOR EACH STATEMENT EXECUTE FUNCTION ecolink_refuse_change();

-- Ids of another form, and of months that have no partition.
CREATE TABLE usage_events_other PARTITION OF usage_events DEFAULT;
CREATE TRIGGER usage_events_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON usage_events_other
  FOR EACH STATEMENT EXECUTE FUNCTION ecolink_refuse_change();

-- Months that were archived: an event of one is refused, since nothing here tells any more whether it was billed.
CREATE TABLE usage_archived_months (
  month       date        PRIMARY KEY,
  calls       bigint      NOT NULL,
  archived_at timestamptz NOT NULL
);

-- The smallest id of a month (UTC).
CREATE FUNCTION ecolink_first_event_id(month date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT 'evt_' || lpad(to_hex((extract(epoch FROM date_trunc('month', month::timestamp) AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0')
$$;

-- Makes the partition of a month, unless it is there. True where it was made.
CREATE FUNCTION ecolink_make_usage_month(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  name text := 'usage_events_' || to_char(month, 'YYYYMM');
  next date := (date_trunc('month', month::timestamp) + interval '1 month')::date;
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF usage_events FOR VALUES FROM (%L) TO (%L)',
    name, ecolink_first_event_id(month), ecolink_first_event_id(next));
  EXECUTE format('CREATE TRIGGER usage_events_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
    FOR EACH STATEMENT EXECUTE FUNCTION ecolink_refuse_change()', name);
  RETURN true;
END
$$;

-- Takes a month out of usage_events. Its table stays, outside, until the operator drops it. Months of which calls may still come are refused.
CREATE FUNCTION ecolink_archive_usage_month(month date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  name text := 'usage_events_' || to_char(month, 'YYYYMM');
  kept bigint;
BEGIN
  IF date_trunc('month', month::timestamp) >= date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month' THEN
    RAISE EXCEPTION 'calls of % may still come: the month before the last one is the newest that can be archived', to_char(month, 'YYYY-MM');
  END IF;
  IF to_regclass(name) IS NULL OR NOT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(name)) THEN
    RAISE EXCEPTION 'there is no month % in usage_events', to_char(month, 'YYYY-MM');
  END IF;
  EXECUTE format('ALTER TABLE usage_events DETACH PARTITION %I', name);
  EXECUTE format('SELECT count(*) FROM %I', name) INTO kept;
  INSERT INTO usage_archived_months VALUES (date_trunc('month', month::timestamp)::date, kept, now());
  RETURN name;
END
$$;

-- The months of what is there, up to the one after the next; what an old or a strange id names goes to the default.
SELECT ecolink_make_usage_month(month::date)
FROM generate_series(
  (SELECT greatest(date_trunc('month', coalesce(min(recorded_at), now()) AT TIME ZONE 'UTC') - interval '1 month', '2020-01-01') FROM usage_events_before),
  date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months',
  interval '1 month'
) AS month;
INSERT INTO usage_events
SELECT event_id, source, payload_hash, journal_position, account_id, key_id, instance_id, platform_model_id, model, endpoint, region, started_at,
  ended_at, outcome, status, units, estimated, billable, ttft_ms, source_tag, request_id, price_version, cost_nano_usd, recorded_at
FROM usage_events_before;
DROP TABLE usage_events_before;

-- A transaction of two legs, of which one is the account's available balance, names the other side here and has no rows in ledger_entries: it
-- balances by construction. One of more legs has them in ledger_entries, and this is null.
ALTER TABLE ledger_transactions ADD COLUMN counter_account text;
CREATE OR REPLACE FUNCTION ledger_entries_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text;
BEGIN
  SELECT sums.transaction_id INTO wrong
  FROM (
    SELECT e.transaction_id, count(*) AS legs, sum(e.amount_nano_usd) AS total, t.counter_account,
      t.amount_nano_usd AS amount, sum(e.amount_nano_usd) FILTER (WHERE e.ledger_account = 'account:' || t.account_id) AS of_account
    FROM new_entries AS e LEFT JOIN ledger_transactions AS t ON t.id = e.transaction_id
    GROUP BY e.transaction_id, t.amount_nano_usd, t.counter_account
  ) AS sums
  WHERE sums.total <> 0 OR sums.legs < 2 OR sums.of_account IS DISTINCT FROM sums.amount OR sums.counter_account IS NOT NULL
  LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'the entries of % are not a balanced transaction', wrong USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
-- Replacing a function forgets its settings.
ALTER FUNCTION ledger_entries_check() SET enable_hashjoin = off;
ALTER FUNCTION ledger_entries_check() SET enable_mergejoin = off;
ALTER FUNCTION ledger_entries_check() SET enable_seqscan = off;

-- The legs of every transaction, however they are kept.
CREATE VIEW ledger_legs AS
SELECT transaction_id, line, ledger_account, amount_nano_usd FROM ledger_entries
UNION ALL
SELECT id, 0::smallint, 'account:' || account_id, amount_nano_usd FROM ledger_transactions WHERE counter_account IS NOT NULL
UNION ALL
SELECT id, 1::smallint, counter_account, -amount_nano_usd FROM ledger_transactions WHERE counter_account IS NOT NULL;

-- What the metrics count, without what is over.
CREATE INDEX dead_letters_waiting ON dead_letters (id) WHERE replayed_at IS NULL;
CREATE INDEX top_ups_pending ON top_ups (id) WHERE status = 'pending';

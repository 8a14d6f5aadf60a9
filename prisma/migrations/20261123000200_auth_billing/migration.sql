-- Refuses every change of a row that money or prices were decided by.
CREATE FUNCTION ecolink_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

-- Identity: who may do what.

CREATE TABLE plans (
  name                text    PRIMARY KEY,
  requests_per_minute integer NOT NULL CHECK (requests_per_minute >= 1),
  tokens_per_minute   integer CHECK (tokens_per_minute >= 1),
  concurrent_requests integer CHECK (concurrent_requests >= 1),
  version             integer NOT NULL DEFAULT 1,
  changed_xid         bigint  NOT NULL DEFAULT 0
);
CREATE TRIGGER plans_touch BEFORE INSERT OR UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION ecolink_touch();
INSERT INTO plans (name, requests_per_minute) VALUES ('pay-as-you-go', 200), ('demo', 100000);

CREATE TABLE accounts (
  id          text        PRIMARY KEY,
  name        text        NOT NULL,
  status      text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  plan_name   text        NOT NULL REFERENCES plans (name),
  created_at  timestamptz NOT NULL DEFAULT now(),
  version     integer     NOT NULL DEFAULT 1,
  changed_xid bigint      NOT NULL DEFAULT 0
);
CREATE INDEX accounts_by_plan ON accounts (plan_name);
CREATE INDEX accounts_by_change ON accounts (changed_xid);
CREATE TRIGGER accounts_touch BEFORE INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

CREATE TABLE users (
  id            text        PRIMARY KEY,
  email         text        NOT NULL UNIQUE CHECK (email = lower(email)),
  password_hash text,
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
  account_id text        NOT NULL REFERENCES accounts (id),
  user_id    text        NOT NULL REFERENCES users (id),
  role       text        NOT NULL CHECK (role IN ('owner', 'member')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE sessions (
  token_hash        text        PRIMARY KEY,
  user_id           text        NOT NULL REFERENCES users (id),
  active_account_id text        REFERENCES accounts (id),
  created_at        timestamptz NOT NULL DEFAULT now(),
  expires_at        timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_keys (
  id                 text        PRIMARY KEY,
  account_id         text        NOT NULL REFERENCES accounts (id),
  name               text        NOT NULL,
  prefix             text        NOT NULL,
  key_hash           text        NOT NULL UNIQUE,
  scopes             text[]      NOT NULL,
  source_tag         text,
  expires_at         timestamptz,
  spend_cap_nano_usd bigint      CHECK (spend_cap_nano_usd >= 0),
  created_by         text        NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now(),
  revoked_at         timestamptz,
  version            integer     NOT NULL DEFAULT 1,
  changed_xid        bigint      NOT NULL DEFAULT 0
);
CREATE INDEX api_keys_by_account ON api_keys (account_id, id);
CREATE INDEX api_keys_by_change ON api_keys (changed_xid);
CREATE TRIGGER api_keys_touch BEFORE INSERT OR UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

-- Prices: a change is a new version, so that an event can be priced by what was in force when it occurred.

CREATE TABLE price_versions (
  target         text        NOT NULL,
  version        integer     NOT NULL,
  prices         jsonb       NOT NULL,
  effective_from timestamptz NOT NULL,
  changed_xid    bigint      NOT NULL DEFAULT 0,
  PRIMARY KEY (target, version)
);
CREATE INDEX price_versions_by_time ON price_versions (target, effective_from);
CREATE INDEX price_versions_by_change ON price_versions (changed_xid);
CREATE TRIGGER price_versions_touch BEFORE INSERT ON price_versions FOR EACH ROW EXECUTE FUNCTION ecolink_touch();
CREATE TRIGGER price_versions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON price_versions
  FOR EACH STATEMENT EXECUTE FUNCTION ecolink_refuse_change();

-- Money. Amounts are nano-USD.

CREATE TABLE usage_events (
  event_id          text        NOT NULL,
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
);
CREATE INDEX usage_events_by_account ON usage_events (account_id, started_at DESC, event_id DESC);
CREATE INDEX usage_events_by_request ON usage_events (request_id);
CREATE TRIGGER usage_events_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON usage_events
  FOR EACH STATEMENT EXECUTE FUNCTION ecolink_refuse_change();

-- One row per account; also the lock under which everything that `account.changed` carries is changed.
CREATE TABLE balances (
  account_id       text    PRIMARY KEY REFERENCES accounts (id),
  balance_nano_usd bigint  NOT NULL DEFAULT 0,
  -- Grows with every batch, which an integer outlasts for a few years only.
  version          bigint  NOT NULL DEFAULT 1,
  changed_xid      bigint  NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE TRIGGER balances_touch BEFORE INSERT OR UPDATE ON balances FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

CREATE TABLE journal_positions (
  account_id text        NOT NULL REFERENCES accounts (id),
  source     text        NOT NULL,
  position   bigint      NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, source)
);

-- `sequence` is drawn under the lock of the account's balance, so that within an account its order is that of the balance.
CREATE TABLE ledger_transactions (
  sequence               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id                     text        NOT NULL UNIQUE,
  account_id             text        NOT NULL,
  type                   text        NOT NULL,
  amount_nano_usd        bigint      NOT NULL,
  balance_after_nano_usd bigint      NOT NULL,
  description            text        NOT NULL,
  cause_kind             text        NOT NULL,
  -- What caused it, once: (who made the cause, its id there, the number of the transaction within the cause).
  source                 text        NOT NULL,
  event_id               text        NOT NULL,
  line                   smallint    NOT NULL DEFAULT 0,
  instance_id            bigint,
  occurred_at            timestamptz NOT NULL,
  created_at             timestamptz NOT NULL,
  UNIQUE (event_id, source, line)
);
CREATE INDEX ledger_transactions_by_account ON ledger_transactions (account_id, sequence);
CREATE TRIGGER ledger_transactions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
  FOR EACH STATEMENT EXECUTE FUNCTION ecolink_refuse_change();

CREATE TABLE ledger_entries (
  transaction_id  text     NOT NULL,
  line            smallint NOT NULL,
  ledger_account  text     NOT NULL,
  amount_nano_usd bigint   NOT NULL,
  PRIMARY KEY (transaction_id, line)
);
CREATE TRIGGER ledger_entries_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ecolink_refuse_change();

-- Double entry, checked by statement: all entries of a transaction are written together, sum to zero, and move its account
-- by its amount.
CREATE FUNCTION ledger_entries_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text;
BEGIN
  SELECT sums.transaction_id INTO wrong
  FROM (
    SELECT e.transaction_id, count(*) AS legs, sum(e.amount_nano_usd) AS total,
      t.amount_nano_usd AS amount, sum(e.amount_nano_usd) FILTER (WHERE e.ledger_account = 'account:' || t.account_id) AS of_account
    FROM new_entries AS e LEFT JOIN ledger_transactions AS t ON t.id = e.transaction_id
    GROUP BY e.transaction_id, t.amount_nano_usd
  ) AS sums
  WHERE sums.total <> 0 OR sums.legs < 2 OR sums.of_account IS DISTINCT FROM sums.amount
  LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'the entries of % are not a balanced transaction', wrong USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER ledger_entries_sum_to_zero AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_check();

-- Every call of the operators' API, written before it runs; `status` once it has run.
CREATE TABLE audit_log (
  id         text        PRIMARY KEY,
  at         timestamptz NOT NULL,
  admin_name text        NOT NULL,
  service    text        NOT NULL,
  method     text        NOT NULL,
  path       text        NOT NULL,
  status     integer
);

-- Usage summed by quarter of an hour (UTC): the days of every time zone are cut at one. Filled by the billing transaction.
CREATE TABLE usage_quarters (
  account_id          text        NOT NULL,
  quarter             timestamptz NOT NULL,
  key_id              text        NOT NULL,
  model               text        NOT NULL,
  source_tag          text,
  region              text,
  calls               bigint      NOT NULL,
  input_tokens        bigint      NOT NULL,
  cached_input_tokens bigint      NOT NULL,
  output_tokens       bigint      NOT NULL,
  images              bigint      NOT NULL,
  audio_milliseconds  bigint      NOT NULL,
  video_milliseconds  bigint      NOT NULL,
  cost_nano_usd       bigint      NOT NULL,
  UNIQUE NULLS NOT DISTINCT (account_id, quarter, key_id, model, source_tag, region)
) WITH (fillfactor = 70);

-- What keys have spent, by quarter of an hour and by day (UTC): a window of a budget is some whole days and the quarters at its ends.
CREATE TABLE key_spend (
  account_id    text        NOT NULL,
  key_id        text        NOT NULL,
  span          text        NOT NULL CHECK (span IN ('quarter', 'day')),
  starts_at     timestamptz NOT NULL,
  cost_nano_usd bigint      NOT NULL,
  PRIMARY KEY (account_id, span, starts_at, key_id)
) WITH (fillfactor = 70);

INSERT INTO usage_quarters
SELECT account_id, date_bin('15 minutes', started_at, 'epoch'), key_id, model, source_tag, region, sum((units->>'requests')::bigint),
  coalesce(sum((units->>'input_tokens')::bigint), 0), coalesce(sum((units->>'cached_input_tokens')::bigint), 0),
  coalesce(sum((units->>'output_tokens')::bigint), 0), coalesce(sum((units->>'images')::bigint), 0),
  coalesce(sum((units->>'audio_milliseconds')::bigint), 0), coalesce(sum((units->>'video_milliseconds')::bigint), 0), sum(cost_nano_usd)
FROM usage_events GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO key_spend
SELECT account_id, key_id, 'quarter', quarter, sum(cost_nano_usd) FROM usage_quarters GROUP BY 1, 2, 4
UNION ALL
SELECT account_id, key_id, 'day', date_bin('1 day', quarter, 'epoch'), sum(cost_nano_usd) FROM usage_quarters GROUP BY 1, 2, 4;

-- Rows that are no calls are few: the month's other charges are found without reading the calls.
CREATE INDEX ledger_transactions_but_calls ON ledger_transactions (account_id, created_at) WHERE type <> 'api_usage';

CREATE TABLE budgets (
  id             text        PRIMARY KEY,
  account_id     text        NOT NULL REFERENCES accounts (id),
  scope_kind     text        NOT NULL CHECK (scope_kind IN ('account', 'user', 'key')),
  scope_id       text        CHECK ((scope_kind = 'account') = (scope_id IS NULL)),
  period         text        NOT NULL CHECK (period IN ('day', 'week', 'month', 'lifetime')),
  limit_nano_usd bigint      NOT NULL CHECK (limit_nano_usd >= 0),
  created_at     timestamptz NOT NULL
);
CREATE INDEX budgets_of_account ON budgets (account_id, id);

-- One window of a budget may be raised once.
CREATE TABLE budget_raises (
  budget_id         text        NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
  window_started_at timestamptz NOT NULL,
  by_nano_usd       bigint      NOT NULL CHECK (by_nano_usd > 0),
  PRIMARY KEY (budget_id, window_started_at)
);

-- Thresholds that people heard of, each once in a window.
CREATE TABLE budget_notices (
  budget_id         text        NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
  window_started_at timestamptz NOT NULL,
  percent           integer     NOT NULL,
  PRIMARY KEY (budget_id, window_started_at, percent)
);

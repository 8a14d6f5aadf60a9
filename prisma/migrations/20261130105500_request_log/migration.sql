-- The request log: one row for every answer that a key was given. Partitioned by day, so that a day that is over leaves without a DELETE.
CREATE TABLE request_log (
  started_at        timestamptz      NOT NULL,
  request_id        text             NOT NULL,
  account_id        text             NOT NULL,
  key_id            text             NOT NULL,
  model             text,
  endpoint          text             NOT NULL,
  status            integer          NOT NULL,
  code              text,
  outcome           text             NOT NULL,
  region            text,
  attempts          jsonb            NOT NULL DEFAULT '[]',
  ttft_ms           double precision,
  duration_ms       double precision NOT NULL,
  units             jsonb,
  estimated         boolean          NOT NULL DEFAULT false,
  cost_nano_usd     bigint           NOT NULL DEFAULT 0,
  source_tag        text,
  instance_id       bigint,
  platform_model_id text,
  PRIMARY KEY (account_id, started_at, request_id)
) PARTITION BY RANGE (started_at);
CREATE INDEX request_log_by_request ON request_log (request_id);

-- Refusals above the rate at which each is kept, as their routers counted them: absolute, so a repeated event changes nothing.
CREATE TABLE refusal_counts (
  account_id text        NOT NULL,
  started_at timestamptz NOT NULL,
  key_id     text        NOT NULL,
  code       text        NOT NULL,
  source     text        NOT NULL,
  count      integer     NOT NULL,
  PRIMARY KEY (account_id, started_at, key_id, code, source)
);
CREATE INDEX refusal_counts_by_age ON refusal_counts (started_at);

-- What accounts are told. `once_key` names the cause, so that it is told of once; null where each time counts.
CREATE TABLE notifications (
  id         text        PRIMARY KEY,
  account_id text        NOT NULL,
  kind       text        NOT NULL,
  severity   text        NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  title      text        NOT NULL,
  text       text        NOT NULL,
  subject    jsonb,
  once_key   text,
  created_at timestamptz NOT NULL,
  UNIQUE (account_id, once_key)
);
CREATE INDEX notifications_by_account ON notifications (account_id, id);
CREATE INDEX notifications_by_age ON notifications (created_at);

-- `reader` is a user, or `keys` for all management keys of the account.
CREATE TABLE notification_reads (
  reader          text        NOT NULL,
  notification_id text        NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
  read_at         timestamptz NOT NULL,
  PRIMARY KEY (notification_id, reader)
);

CREATE TABLE alert_channels (
  id            text        PRIMARY KEY,
  account_id    text        NOT NULL,
  kind          text        NOT NULL CHECK (kind IN ('email', 'webhook')),
  address       text,
  url           text,
  -- Empty: every kind.
  kinds         text[]      NOT NULL,
  -- A webhook's signing secret is derived from this and the product's own secret, and kept nowhere.
  secret_salt   text,
  status        text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
  status_reason text,
  created_by    text        NOT NULL,
  created_at    timestamptz NOT NULL,
  CHECK ((kind = 'email') = (address IS NOT NULL) AND (kind = 'webhook') = (url IS NOT NULL AND secret_salt IS NOT NULL))
);
CREATE INDEX alert_channels_by_account ON alert_channels (account_id, id);

-- One for each notification and channel; the queue of what is to be sent, and the log of what was.
CREATE TABLE alert_deliveries (
  id              text        PRIMARY KEY,
  channel_id      text        NOT NULL REFERENCES alert_channels (id) ON DELETE CASCADE,
  notification_id text,
  kind            text        NOT NULL,
  message         jsonb       NOT NULL,
  status          text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts        integer     NOT NULL DEFAULT 0,
  response_status integer,
  problem         text,
  created_at      timestamptz NOT NULL,
  last_attempt_at timestamptz,
  next_attempt_at timestamptz
);
CREATE INDEX alert_deliveries_by_channel ON alert_deliveries (channel_id, id);
CREATE INDEX alert_deliveries_due ON alert_deliveries (next_attempt_at) WHERE status = 'pending';

-- The last threshold at which an account was told that its balance runs out; gone once it was topped up.
CREATE TABLE balance_warnings (
  account_id      text        PRIMARY KEY,
  minutes         integer     NOT NULL,
  ledger_sequence bigint      NOT NULL,
  warned_at       timestamptz NOT NULL
);

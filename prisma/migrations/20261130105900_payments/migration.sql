-- A payment into an account. It counts once: its ledger transaction has its id as cause.
CREATE TABLE top_ups (
  id                text        PRIMARY KEY,
  account_id        text        NOT NULL REFERENCES accounts (id),
  kind              text        NOT NULL CHECK (kind IN ('topup', 'auto_recharge')),
  provider          text        NOT NULL,
  amount_nano_usd   bigint      NOT NULL CHECK (amount_nano_usd > 0),
  status            text        NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'expired')),
  -- The provider's name of the payment, once there is one.
  payment_id        text        UNIQUE,
  checkout_url      text,
  receipt_url       text,
  failure           text,
  -- Cumulative, as the provider says: what went back to the payer, and what the payer's bank took back.
  refunded_nano_usd bigint      NOT NULL DEFAULT 0,
  disputed_nano_usd bigint      NOT NULL DEFAULT 0,
  created_at        timestamptz NOT NULL,
  settled_at        timestamptz
);
CREATE INDEX top_ups_of_account ON top_ups (account_id, id);
CREATE UNIQUE INDEX top_ups_one_recharge ON top_ups (account_id) WHERE kind = 'auto_recharge' AND status = 'pending';

CREATE TABLE payment_cards (
  account_id     text PRIMARY KEY REFERENCES accounts (id),
  provider       text NOT NULL,
  customer_id    text NOT NULL,
  -- Absent until the provider has a card.
  payment_method text,
  brand          text,
  last4          text
);

CREATE TABLE auto_recharges (
  account_id         text        PRIMARY KEY REFERENCES accounts (id),
  enabled            boolean     NOT NULL,
  threshold_nano_usd bigint      NOT NULL CHECK (threshold_nano_usd >= 0),
  amount_nano_usd    bigint      NOT NULL CHECK (amount_nano_usd > 0),
  failures           integer     NOT NULL DEFAULT 0,
  next_try_at        timestamptz NOT NULL
);

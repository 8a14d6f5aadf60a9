-- What is given back of calls: a job that failed after it was billed. A row that names no event waits for its call, which another router may
-- still have in its journal.
CREATE TABLE call_refunds (
  account_id      text        NOT NULL,
  request_id      text        NOT NULL,
  asked_at        timestamptz NOT NULL,
  event_id        text,
  source          text,
  amount_nano_usd bigint      CHECK (amount_nano_usd >= 0),
  refunded_at     timestamptz,
  PRIMARY KEY (account_id, request_id),
  CHECK ((refunded_at IS NULL) = (event_id IS NULL) AND (refunded_at IS NULL) = (source IS NULL)
    AND (refunded_at IS NULL) = (amount_nano_usd IS NULL))
);

-- Every state table carries `version` (grows with each change of a row) and `changed_xid` (the transaction that made it).
-- A reader that keeps pg_snapshot_xmin() as its cursor and asks for changed_xid >= cursor misses nothing, in whatever
-- order transactions commit.
CREATE FUNCTION ecolink_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    NEW.version := OLD.version + 1;
  END IF;
  NEW.changed_xid := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END
$$;

-- The embedded log; on Kafka the same table is the outbox, emptied by a relay.
CREATE TABLE bus_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  key         text        NOT NULL,
  event_id    text        NOT NULL,
  source      text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  data        jsonb       NOT NULL,
  appended_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bus_events_in_order ON bus_events (topic, partition, id);

-- Answers of management calls that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
  scope        text        NOT NULL,
  key          text        NOT NULL,
  request_hash text        NOT NULL,
  status       integer,
  body         jsonb,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

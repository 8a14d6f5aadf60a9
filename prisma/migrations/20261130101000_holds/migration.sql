-- What is set aside for running cycles; a ledger account of its own (`held:<account>`).
ALTER TABLE balances ADD COLUMN held_nano_usd bigint NOT NULL DEFAULT 0 CHECK (held_nano_usd >= 0);

-- One row for each run (start) of an instance on GPUs that cost something: its hold, and how far its ready time is settled.
CREATE TABLE instance_holds (
  instance_id          bigint      NOT NULL,
  run                  integer     NOT NULL CHECK (run >= 1),
  account_id           text        NOT NULL REFERENCES accounts (id),
  status               text        NOT NULL CHECK (status IN ('pending', 'held', 'released', 'depleted')),
  gpu_type             text        NOT NULL,
  gpu_count            integer     NOT NULL CHECK (gpu_count >= 1),
  replicas             integer     NOT NULL CHECK (replicas >= 1),
  cycle                integer     NOT NULL CHECK (cycle >= 1),
  hourly_rate_nano_usd bigint      NOT NULL CHECK (hourly_rate_nano_usd >= 0),
  hold_nano_usd        bigint      NOT NULL CHECK (hold_nano_usd >= 0),
  partial              boolean     NOT NULL DEFAULT false,
  cycle_started_at     timestamptz NOT NULL,
  cycle_ends_at        timestamptz NOT NULL,
  -- Cumulative milliseconds in which a replica was ready: those that earlier cycles are settled for.
  settled_ms           bigint      NOT NULL CHECK (settled_ms >= 0),
  -- What the present cycle has used by now.
  accrued_nano_usd     bigint      NOT NULL DEFAULT 0 CHECK (accrued_nano_usd >= 0),
  created_at           timestamptz NOT NULL,
  version              integer     NOT NULL DEFAULT 1,
  changed_xid          bigint      NOT NULL DEFAULT 0,
  PRIMARY KEY (instance_id, run)
);
CREATE INDEX instance_holds_due ON instance_holds (cycle_ends_at) WHERE status = 'held';
CREATE INDEX instance_holds_pending ON instance_holds (created_at) WHERE status = 'pending';
CREATE INDEX instance_holds_of_account ON instance_holds (account_id) WHERE status IN ('pending', 'held');
CREATE INDEX instance_holds_by_change ON instance_holds (changed_xid);
CREATE TRIGGER instance_holds_touch BEFORE INSERT OR UPDATE ON instance_holds FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

-- How long replicas of an instance were ready, as its owner last said; only grows.
CREATE TABLE metered_deployments (
  instance_id bigint NOT NULL,
  region      text   NOT NULL,
  ready_ms    bigint NOT NULL CHECK (ready_ms >= 0),
  PRIMARY KEY (instance_id, region)
);
CREATE TABLE metered_instances (
  instance_id bigint  PRIMARY KEY,
  version     integer NOT NULL
);

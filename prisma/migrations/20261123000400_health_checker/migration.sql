-- What the health checker has published about each instance: all its pods, in every region. A row stays when the last
-- pod is gone, so that versions never start again.
CREATE TABLE published_health (
  instance_id bigint  PRIMARY KEY,
  version     integer NOT NULL DEFAULT 1,
  changed_xid bigint  NOT NULL,
  pods        jsonb   NOT NULL
);
CREATE INDEX published_health_by_change ON published_health (changed_xid);
CREATE TRIGGER published_health_touch BEFORE INSERT OR UPDATE ON published_health FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

-- Which of several health checkers decides. A row with an end rather than a session's lock: it survives connection pools,
-- and each write can check it in its own transaction.
CREATE TABLE health_checker_lease (
  name       text        PRIMARY KEY,
  holder     text        NOT NULL,
  expires_at timestamptz NOT NULL
);

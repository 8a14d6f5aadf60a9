-- Management calls by minute, of accounts and, where they were refused, of networks: what several processes count together. Rows live for
-- two minutes, and nothing is lost with them: the table is not in the write-ahead log.
CREATE UNLOGGED TABLE call_rates (
  subject text        NOT NULL,
  minute  timestamptz NOT NULL,
  calls   integer     NOT NULL,
  PRIMARY KEY (subject, minute)
) WITH (fillfactor = 50);

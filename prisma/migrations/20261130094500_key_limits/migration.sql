-- What a key may be used for, as in libs/contracts `keyAllowed`; null where nothing limits it.
ALTER TABLE api_keys
  ADD COLUMN allow      jsonb,
  ADD COLUMN rotated_at timestamptz;
CREATE INDEX api_keys_by_creator ON api_keys (account_id, created_by);

-- Secrets that a rotation replaced. Whatever else holds of them stands in the row of their key, whose version is theirs, too.
CREATE TABLE api_key_earlier_secrets (
  key_hash     text        PRIMARY KEY,
  key_id       text        NOT NULL REFERENCES api_keys (id),
  serves_until timestamptz NOT NULL,
  replaced_at  timestamptz NOT NULL
);
CREATE INDEX api_key_earlier_secrets_by_key ON api_key_earlier_secrets (key_id);

-- The minute of the last use. A table of its own: a use changes nothing that routers have to hear of.
CREATE TABLE api_key_uses (
  key_id       text        PRIMARY KEY,
  last_used_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- People: what they are called, whether their address is proven, when they were last here.
ALTER TABLE users
  ADD COLUMN name              text,
  -- Set where the user has answered from the address: by a mailed reset link, or by an OpenID provider that vouches for it.
  ADD COLUMN email_verified_at timestamptz,
  ADD COLUMN last_seen_at      timestamptz;

-- A session ends a while after its last call, and in any case at `expires_at`.
ALTER TABLE sessions ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now();
-- Signed in, with the second factor still to come: good for nothing else.
ALTER TABLE sessions ADD COLUMN mfa_pending boolean NOT NULL DEFAULT false;
ALTER TABLE sessions DROP CONSTRAINT sessions_active_account_id_fkey;
ALTER TABLE sessions ADD CONSTRAINT sessions_active_account_id_fkey
  FOREIGN KEY (active_account_id) REFERENCES accounts (id) ON DELETE SET NULL;

-- One-time links to a new password. Only the SHA-256 of the token is kept.
CREATE TABLE password_resets (
  token_hash text        PRIMARY KEY,
  user_id    text        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- Sent to the address itself, so that its use proves the address.
  by_mail    boolean     NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_by_user ON password_resets (user_id);

ALTER TABLE accounts
  ADD COLUMN time_zone   text    NOT NULL DEFAULT 'UTC',
  ADD COLUMN require_mfa boolean NOT NULL DEFAULT false,
  -- A deleted account is suspended for good; its row stays, since the ledger names it.
  ADD COLUMN deleted_at  timestamptz;

-- The link's token is computed from the id, so nothing here opens an account.
CREATE TABLE invites (
  id         text        PRIMARY KEY,
  account_id text        NOT NULL REFERENCES accounts (id),
  role       text        NOT NULL CHECK (role IN ('owner', 'member')),
  created_by text        NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  used_by    text,
  revoked_at timestamptz
);
CREATE INDEX invites_by_account ON invites (account_id, id);

-- The second factor. `secret` is encrypted; it counts once it was confirmed by a code.
CREATE TABLE totp_factors (
  user_id      text        PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret       text        NOT NULL,
  created_at   timestamptz NOT NULL,
  confirmed_at timestamptz,
  -- The last time step a code of which was taken: no code is taken twice.
  last_step    bigint      NOT NULL DEFAULT 0
);

-- Only the SHA-256 of a code is kept; 80 random bits need no slow hash.
CREATE TABLE recovery_codes (
  user_id   text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_hash text NOT NULL,
  used_at   timestamptz,
  PRIMARY KEY (user_id, code_hash)
);

-- Who a user is at an OpenID provider.
CREATE TABLE oidc_identities (
  issuer     text        NOT NULL,
  subject    text        NOT NULL,
  user_id    text        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX oidc_identities_by_user ON oidc_identities (user_id);

-- Sign-ins under way at the provider. A row is deleted by its first use.
CREATE TABLE oidc_flows (
  state_hash    text        PRIMARY KEY,
  browser_hash  text        NOT NULL,
  code_verifier text        NOT NULL,
  nonce         text        NOT NULL,
  -- The user who is signed in already and connects the provider.
  user_id       text        REFERENCES users (id) ON DELETE CASCADE,
  return_to     text        NOT NULL,
  invite_token  text,
  created_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL
);
CREATE INDEX oidc_flows_by_expiry ON oidc_flows (expires_at);

-- What the people and keys of an account did to it.
CREATE TABLE account_audit_log (
  id         text        PRIMARY KEY,
  account_id text        NOT NULL,
  at         timestamptz NOT NULL,
  actor_kind text        NOT NULL CHECK (actor_kind IN ('user', 'key', 'operator', 'system')),
  actor_id   text        NOT NULL,
  -- How the actor was called then, so that the entry stays readable.
  actor_name text        NOT NULL,
  action     text        NOT NULL,
  target     text        NOT NULL,
  before     jsonb,
  after      jsonb,
  request_id text
);
CREATE INDEX account_audit_log_by_account ON account_audit_log (account_id, id);

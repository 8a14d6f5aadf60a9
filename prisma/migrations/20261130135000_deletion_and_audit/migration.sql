-- When nothing of a deleted account ran any more and its request log was gone.
ALTER TABLE accounts ADD COLUMN erased_at timestamptz;
CREATE INDEX accounts_to_erase ON accounts (deleted_at) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;

-- What operators' calls changed. Null for calls that changed nothing, and for those of before.
ALTER TABLE audit_log
  ADD COLUMN target     text,
  ADD COLUMN before     jsonb,
  ADD COLUMN after      jsonb,
  ADD COLUMN request_id text;
CREATE INDEX audit_log_by_target ON audit_log (target) WHERE target IS NOT NULL;

-- What a user did and what was done to it is found when the user is deleted.
CREATE INDEX account_audit_log_by_actor ON account_audit_log (actor_id);
CREATE INDEX account_audit_log_by_target ON account_audit_log (target);

-- Accounts that are deleted: nothing is launched for them any more.
CREATE TABLE closed_accounts (
  account_id text        PRIMARY KEY,
  closed_at  timestamptz NOT NULL,
  -- When all its instances had ended and what people wrote about them was gone.
  erased_at  timestamptz
);
CREATE INDEX closed_accounts_to_erase ON closed_accounts (closed_at) WHERE erased_at IS NULL;

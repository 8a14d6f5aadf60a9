import { z } from 'zod';
import { listOf } from './list.js';
import { plainText } from './plain-text.js';
import { accountOfUser, memberRole } from './session.js';
import { accountStatus } from './accounts.js';

const ZONE_PATTERN = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/** A name of the IANA time zone database that this machine knows, for example `Europe/Berlin`. */
export const timeZone = z
  .string()
  .regex(ZONE_PATTERN, 'must be the name of a time zone, like Europe/Berlin')
  .refine(isTimeZone, 'must be the name of a time zone, like Europe/Berlin');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** `GET /api/v1/account`. */
export const accountSettings = z.object({
  id: z.string(),
  name: z.string(),
  time_zone: z.string(),
  require_mfa: z.boolean(),
  plan: z.string(),
  status: accountStatus,
  created_at: z.iso.datetime(),
});
export type AccountSettings = z.infer<typeof accountSettings>;

/** `PATCH /api/v1/account`. */
export const patchAccountSettings = z
  .strictObject({ name: plainText(128).optional(), time_zone: timeZone.optional(), require_mfa: z.boolean().optional() })
  .refine(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    'nothing to change: give name, time_zone or require_mfa',
  );
export type PatchAccountSettings = z.infer<typeof patchAccountSettings>;

/** A member of an account. `id` is that of the user. */
export const memberView = z.object({
  id: z.string(),
  user_id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  role: memberRole,
  totp_enabled: z.boolean(),
  joined_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime().nullable(),
});
export type MemberView = z.infer<typeof memberView>;

export const memberList = listOf(memberView);

/** `PATCH /api/v1/members/{user_id}`. */
export const patchMember = z.strictObject({ role: memberRole });
export type PatchMember = z.infer<typeof patchMember>;

/** `POST /api/v1/invites`. */
export const createInvite = z.strictObject({ role: memberRole.default('member') });
export type CreateInvite = z.infer<typeof createInvite>;

/** An invite that may still be accepted, once, by whoever has the link. */
export const inviteView = z.object({
  id: z.string(),
  role: memberRole,
  url: z.string(),
  token: z.string(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});
export type InviteView = z.infer<typeof inviteView>;

export const inviteList = listOf(inviteView);

/** `GET /api/v1/invites/{token}/preview`. */
export const invitePreview = z.object({
  account_name: z.string(),
  role: memberRole,
  invited_by: z.string(),
  expires_at: z.iso.datetime(),
});
export type InvitePreview = z.infer<typeof invitePreview>;

/** `POST /api/v1/invites/accept`. */
export const acceptInvite = z.strictObject({ token: z.string().min(1).max(256) });
export type AcceptInvite = z.infer<typeof acceptInvite>;

export const acceptedInvite = z.object({ account: accountOfUser });
export type AcceptedInvite = z.infer<typeof acceptedInvite>;

/** `GET /api/v1/audit-log`: what people, keys and operators did to the account. Holds no secret. */
export const accountAuditEntry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z.object({ kind: z.enum(['user', 'key', 'operator', 'system']), id: z.string(), name: z.string() }),
  /** `noun.verb`, for example `api_key.created`. */
  action: z.string(),
  /** The id of what it was done to. */
  target: z.string(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  request_id: z.string().nullable(),
});
export type AccountAuditEntryView = z.infer<typeof accountAuditEntry>;

export const accountAuditLog = listOf(accountAuditEntry);

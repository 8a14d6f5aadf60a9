import { z } from 'zod';
import { listOf, listQueryWith } from './list.js';
import { emailAddress, memberRole } from './session.js';

/** `GET /admin/v1/users`. */
export const usersQuery = listQueryWith({ email: emailAddress.optional() });
export type UsersQuery = z.infer<typeof usersQuery>;

export const adminUser = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  created_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime().nullable(),
  has_password: z.boolean(),
  totp_enabled: z.boolean(),
  accounts: z.array(z.object({ id: z.string(), name: z.string(), role: memberRole })),
});
export type AdminUser = z.infer<typeof adminUser>;

export const adminUserList = listOf(adminUser);

/** `POST /admin/v1/users/{id}/reset-link`: whoever has the link may set the password, once. */
export const resetLink = z.object({ id: z.string(), url: z.string(), expires_at: z.iso.datetime() });
export type ResetLink = z.infer<typeof resetLink>;

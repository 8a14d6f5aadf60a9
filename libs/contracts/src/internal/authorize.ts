import { z } from 'zod';
import { planQuotas } from '../api/plan-quotas.js';
import { keyScope } from '../events/state.js';

/** `POST /internal/authorize` of auth-billing: the `authorization` and `cookie` header values of a management call. */
export const authorizeRequest = z.strictObject({
  authorization: z.string().max(4_096).nullable(),
  cookie: z.string().max(16_384).nullable(),
  /** Where the call comes from, for keys that are limited to networks. */
  client_address: z.string().max(128).optional(),
});
export type AuthorizeRequest = z.infer<typeof authorizeRequest>;

/** Who calls. A management key acts as owner of its one account and has no user. */
export const principal = z.object({
  kind: z.enum(['session', 'key']),
  account_id: z.string(),
  role: z.enum(['owner', 'member']),
  user_id: z.string().nullable(),
  key_id: z.string().nullable(),
  scopes: z.array(keyScope),
  /** What the account's plan allows; the services that make such things hold it. */
  quotas: planQuotas,
});
export type Principal = z.infer<typeof principal>;

/** 200 `{principal}`; refusals come as the product's ordinary error bodies and are passed on as they are. */
export const authorizeResponse = z.object({ principal });
export type AuthorizeResponse = z.infer<typeof authorizeResponse>;

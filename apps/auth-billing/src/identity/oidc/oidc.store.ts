import type { PrismaClient, Transaction } from '@ecolink/database';

export interface OidcFlow {
  readonly browserHash: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  /** The user who was signed in when it began. */
  readonly userId: string | null;
  readonly returnTo: string;
  readonly inviteToken: string | null;
}

export async function insertFlow(
  client: PrismaClient,
  flow: OidcFlow & { readonly stateHash: string; readonly expiresAt: Date },
  now: Date,
): Promise<void> {
  await client.oidcFlow.deleteMany({ where: { expiresAt: { lte: now } } });
  await client.oidcFlow.create({ data: { ...flow, createdAt: now } });
}

/** Takes a flow out, so that no state works twice. */
export async function takeFlow(client: PrismaClient, stateHash: string, now: Date): Promise<OidcFlow | undefined> {
  const rows = await client.$queryRaw<OidcFlow[]>`
    DELETE FROM oidc_flows WHERE state_hash = ${stateHash} AND expires_at > ${now}::timestamptz
    RETURNING browser_hash AS "browserHash", code_verifier AS "codeVerifier", nonce, user_id AS "userId",
      return_to AS "returnTo", invite_token AS "inviteToken"`;
  return rows[0];
}

export async function findIdentity(transaction: Transaction, issuer: string, subject: string): Promise<string | undefined> {
  const row = await transaction.oidcIdentity.findUnique({ where: { issuer_subject: { issuer, subject } } });
  return row?.userId;
}

export async function insertIdentity(
  transaction: Transaction,
  identity: { readonly issuer: string; readonly subject: string; readonly userId: string },
  now: Date,
): Promise<void> {
  await transaction.oidcIdentity.create({ data: { ...identity, createdAt: now } });
}

/** Whether an address is the user's beyond doubt: it was answered from, or no one but an operator has set the user up. */
export async function isAddressProven(transaction: Transaction, userId: string): Promise<boolean> {
  const user = await transaction.user.findUniqueOrThrow({ where: { id: userId } });
  return user.emailVerifiedAt !== null || user.passwordHash === null;
}

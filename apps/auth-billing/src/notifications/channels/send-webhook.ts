import { type PodAddressPolicy, refusePodAddress } from '@ecolink/contracts';
import { guardedLookup } from '@ecolink/proxy';
import { Webhook } from 'standardwebhooks';
import { Agent, request } from 'undici';
import type { AlertMessage } from '../raise/notification.js';
import { parseWebhookUrl } from './webhook-url.js';

export type SendResult =
  | { readonly kind: 'delivered'; readonly status: number | null }
  | { readonly kind: 'failed'; readonly status: number | null; readonly problem: string }
  /** The receiver says that it wants no more. */
  | { readonly kind: 'gone'; readonly status: number; readonly problem: string };

export interface WebhookMessage {
  /** The same in every attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly message: AlertMessage;
}

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
const GONE = 410;

/**
 * Sends one webhook, signed by Standard Webhooks. The address is judged again when the connection is made, since a name may
 * lead elsewhere by now. Redirects are not followed; of the answer only the status is read.
 */
export async function sendWebhook(
  urlText: string,
  secret: string,
  { id, message }: WebhookMessage,
  policy: PodAddressPolicy,
  now: Date,
): Promise<SendResult> {
  const target = parseWebhookUrl(urlText);
  const refusal = literalRefusal(target.hostname, target.port, policy);
  if (refusal !== undefined) return { kind: 'failed', status: null, problem: refusal };
  const body = JSON.stringify({ type: message.kind, timestamp: message.raised_at, data: message });
  const lookup = guardedLookup(policy, target.port);
  const agent = new Agent({ connections: 1, connect: { lookup, timeout: CONNECT_TIMEOUT_MS } });
  try {
    const answer = await request(target.url, {
      method: 'POST',
      dispatcher: agent,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS + ANSWER_TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'ecolink-webhooks/1',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(id, now, body),
      },
      body,
    });
    answer.body.on('error', () => undefined).destroy();
    return resultOf(answer.statusCode);
  } catch (error) {
    return { kind: 'failed', status: null, problem: problemOf(error) };
  } finally {
    void agent.destroy();
  }
}

function resultOf(status: number): SendResult {
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  if (status === GONE) return { kind: 'gone', status, problem: 'the receiver answered 410: it wants no more' };
  if (status >= 300 && status < 400) return { kind: 'failed', status, problem: 'the receiver redirects, which is not followed' };
  return { kind: 'failed', status, problem: `the receiver answered ${status}` };
}

/** A literal address is connected to without a look-up. */
function literalRefusal(hostname: string, port: number, policy: PodAddressPolicy): string | undefined {
  const isLiteral = hostname.includes(':') || /^[0-9.]+$/.test(hostname);
  return isLiteral ? refusePodAddress(hostname, port, policy) : undefined;
}

function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the receiver could not be reached';
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EPODADDRESS') return error.message.replace('a pod', 'a webhook');
  return `the receiver could not be reached (${code ?? error.name})`;
}

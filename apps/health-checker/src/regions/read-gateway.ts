import { gatewayPods, HEADER } from '@ecolink/contracts';
import { type Dispatcher, request } from 'undici';
import type { GatewayReading } from './region-view.js';

const READ_TIMEOUT_MS = 1_000;

/** Reads all pods of one gateway. Never rejects; an answer that is late or not in its shape is a failure. */
export async function readGateway(
  gatewayUrl: string,
  region: string,
  internalSecret: string,
  dispatcher: Dispatcher,
): Promise<GatewayReading> {
  try {
    const answer = await request(`${gatewayUrl.replace(/\/+$/, '')}/pods`, {
      dispatcher,
      headers: { [HEADER.internalSecret]: internalSecret },
      signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    });
    const body: unknown = await answer.body.json();
    if (answer.statusCode !== 200) return { kind: 'failed', reason: `status ${answer.statusCode}` };
    const pods = gatewayPods.parse(body);
    // A wrong URL in the registry must not mix one region's pods into another's.
    if (pods.region !== region) return { kind: 'failed', reason: `it is the gateway of ${pods.region}` };
    return { kind: 'read', answer: pods };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  if (name === 'TimeoutError') return 'time-out';
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'no answer';
}

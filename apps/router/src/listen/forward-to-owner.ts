import { HEADER } from '@ecolink/contracts';
import { ownerRequestHeaders, ownerResponseHeaders } from '../upstream/header-rules.js';
import { type RouterContext, refuse, refuseBody } from '../call/router-context.js';
import { collectBody } from './read-body.js';
import type { Exchange } from './exchange.js';

/** Which service answers a management path; the first segment below the prefix decides. */
const REGISTRY_NOUNS: ReadonlySet<string> = new Set(['models', 'instances', 'gpu-types', 'regions', 'platform-models']);

export interface Owners {
  readonly authBillingUrl: string;
  readonly instanceRegistryUrl: string;
}

/** What owners read; a longer body gets its 413 here, where its rest is still read for a while. */
const BODY_BYTES_MAX = 1_048_576;
/** Whose call it is, only the owner can tell: bodies have the part of the budget that their address has. */
const BODIES_HOLDER_PREFIX = 'address:';

/** Management calls are short; one that is not over by then never will be. */
const MANAGEMENT_TIME_MAX_MS = 600_000;

/** The owner of a management or admin path, e.g. `/api/v1/instances/142`. */
export function ownerOf(path: string, owners: Owners): string {
  const noun = path.split('/')[3] ?? '';
  return REGISTRY_NOUNS.has(noun) ? owners.instanceRegistryUrl : owners.authBillingUrl;
}

/** Passes a management call on to its owner, so that every router's URL is the whole product. */
export async function forwardToOwner(exchange: Exchange, plane: RouterContext, ownerUrl: string): Promise<void> {
  const { request } = exchange;
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const address = plane.addressOf(request);
  const hold = plane.bodies.open(BODIES_HOLDER_PREFIX + address);
  exchange.onOver(() => hold.release());
  const read = hasBody ? await collectBody(request, { ...plane.limits, bodyBytesMax: BODY_BYTES_MAX }, hold) : undefined;
  if (read?.kind === 'client_gone') return;
  if (read?.kind === 'refusal') return refuseBody(plane, exchange, read.refusal);
  const attempt = plane.upstreams.send(ownerUrl, {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: [
      ...ownerRequestHeaders(request.rawHeaders),
      ...['x-forwarded-host', request.headers.host ?? ''],
      ...[HEADER.requestId, exchange.requestId],
      ...[HEADER.clientAddress, address],
    ],
    body: read?.bytes ?? null,
    deadlineMs: exchange.startedAtMs + MANAGEMENT_TIME_MAX_MS,
  });
  exchange.onClientGone(() => attempt.abort());
  const result = await attempt.result;
  if (result.kind === 'aborted') return;
  if (result.kind === 'unsendable') return refuse(plane, exchange, { code: 'invalid_request', message: result.message });
  if (result.kind === 'failed') {
    exchange.refuse({
      code: 'service_unavailable',
      message: 'this part of the product is not reachable at the moment; calls to models go on',
      retryAfterSeconds: 1,
    });
    return;
  }
  const { answer } = result;
  const { response } = exchange;
  response.writeHead(answer.status, ownerResponseHeaders(answer.headers));
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    answer.consume({
      onData: (chunk) => {
        if (response.write(chunk)) return;
        answer.pause();
        response.once('drain', () => answer.resume());
      },
      onEnd: () => response.end(),
      onError: () => response.destroy(),
    });
  });
}

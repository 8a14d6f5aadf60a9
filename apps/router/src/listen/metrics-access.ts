import type { IncomingMessage } from 'node:http';
import { headerValue } from '@ecolink/contracts';
import type { Upstreams } from '../upstream/upstream.js';

const LOOPBACK_PEERS: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const LOOPBACK_HOST_PATTERN = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** A proxy on this machine speaks for others; so does a page whose name was made to lead here, which its `Host` tells. */
const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** An operators' call that changes nothing, for asking their owner whether a token is one of theirs. */
const PROBE_PATH = '/admin/v1/plans';
const PROBE_TIME_MAX_MS = 5_000;

/** Whether a request comes from this very machine, for itself. */
export function isOwnMachine(request: IncomingMessage): boolean {
  const { rawHeaders, socket } = request;
  if (!LOOPBACK_PEERS.has(socket.remoteAddress ?? '')) return false;
  if (FORWARDING_HEADERS.some((name) => headerValue(rawHeaders, name) !== undefined)) return false;
  return LOOPBACK_HOST_PATTERN.test(headerValue(rawHeaders, 'host') ?? '');
}

/** Whether the request's bearer token is an operator's; only the owner of the operators' calls knows. */
export async function hasOperatorToken(request: IncomingMessage, upstreams: Upstreams, ownerUrl: string): Promise<boolean> {
  const authorization = headerValue(request.rawHeaders, 'authorization');
  if (authorization === undefined) return false;
  const attempt = upstreams.send(ownerUrl, {
    method: 'GET',
    path: PROBE_PATH,
    headers: ['authorization', authorization],
    body: null,
    deadlineMs: performance.now() + PROBE_TIME_MAX_MS,
  });
  const result = await attempt.result;
  if (result.kind !== 'answer') return false;
  const { status } = result.answer;
  result.answer.abort();
  return status === 200;
}

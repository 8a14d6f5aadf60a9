import type { IncomingMessage, ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { HEADER, headerValue } from '@ecolink/contracts';
import type { PodTable } from '../pods/pod-table.js';
import { type CallContext, ForwardedCall } from './forwarded-call.js';
import { answerFailure, answerRefusal } from './gateway-answer.js';
import { parseTarget } from './parse-target.js';

export interface DataPlaneOptions extends CallContext {
  readonly internalSecret: string;
  readonly pods: PodTable;
}

/** Paths of the gateway itself, which Nest serves; everything that does not begin with a letter is a call, or malformed. */
const OWN_PATH_PATTERN = /^\/[a-z]/;

/** The request listener of `ANY /<instance_id>/<path>`. Returns false for the gateway's own paths. */
export function createDataPlane(options: DataPlaneOptions): (request: IncomingMessage, response: ServerResponse) => boolean {
  const expected = Buffer.from(options.internalSecret);
  return (request, response) => {
    const rawTarget = request.url ?? '';
    if (OWN_PATH_PATTERN.test(rawTarget)) return false;
    forward(options, expected, rawTarget, request, response);
    return true;
  };
}

function forward(
  options: DataPlaneOptions,
  expected: Buffer,
  rawTarget: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { region } = options;
  if (!hasSecret(request, expected)) {
    return answerRefusal(response, region, 401, 'invalid_api_key', 'region gateways take calls from routers only');
  }
  const target = parseTarget(rawTarget);
  if (target === undefined) {
    return answerRefusal(response, region, 400, 'invalid_request', 'a call has the form /<instance_id>/<path>');
  }
  if (headerValue(request.rawHeaders, 'upgrade') !== undefined) {
    return answerRefusal(response, region, 400, 'invalid_request', 'protocol upgrades are not forwarded');
  }
  const instance = options.pods.get(target.instanceId);
  if (instance === undefined) {
    options.onOutcome('no_pod');
    return answerFailure(response, region, { kind: 'no_pod', sent: false, message: 'this region has no pod of the instance' });
  }
  new ForwardedCall(options, instance, target.path, request, response).start();
}

/** Compares in a time that does not depend on the secret's content. */
function hasSecret(request: IncomingMessage, expected: Buffer): boolean {
  const given = headerValue(request.rawHeaders, HEADER.internalSecret);
  if (given === undefined) return false;
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

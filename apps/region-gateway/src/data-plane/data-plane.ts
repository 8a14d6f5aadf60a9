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
  const secret = new SharedSecret(options.internalSecret);
  return (request, response) => {
    const rawTarget = request.url ?? '';
    if (OWN_PATH_PATTERN.test(rawTarget)) return false;
    forward(options, secret, rawTarget, request, response);
    return true;
  };
}

function forward(
  options: DataPlaneOptions,
  secret: SharedSecret,
  rawTarget: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { region } = options;
  if (!secret.isKnownTo(request)) {
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

/** What routers say to be let in. */
class SharedSecret {
  readonly #expected: Buffer;
  /** What was right on a connection is so again: nobody learns from that comparison what they did not know. */
  readonly #rightOn = new WeakMap<object, string>();

  constructor(secret: string) {
    this.#expected = Buffer.from(secret);
  }

  isKnownTo(request: IncomingMessage): boolean {
    const given = headerValue(request.rawHeaders, HEADER.internalSecret);
    if (given === undefined) return false;
    if (this.#rightOn.get(request.socket) === given) return true;
    const isRight = this.#isEqual(Buffer.from(given));
    if (isRight) this.#rightOn.set(request.socket, given);
    return isRight;
  }

  /** Compares in a time that does not depend on the secret's content. */
  #isEqual(given: Buffer): boolean {
    return given.length === this.#expected.length && timingSafeEqual(given, this.#expected);
  }
}

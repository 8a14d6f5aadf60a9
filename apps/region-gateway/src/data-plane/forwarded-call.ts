import type { IncomingMessage, ServerResponse } from 'node:http';
import { HEADER, headerValue } from '@ecolink/contracts';
import { discardUpload, endWith, type FairTurns } from '@ecolink/proxy';
import type { InstancePods } from '../pods/instance-pods.js';
import type { Pod } from '../pods/pod.js';
import type { PodRequest } from '../pods/waiting-calls.js';
import type { CallLimits } from './call-limits.js';
import { CallTimers } from './call-timers.js';
import { cutResponse } from './cut-response.js';
import { headersForPod, headersFromPod } from './forwarded-headers.js';
import { answerFailure, answerRefusal, type GatewayFailure } from './gateway-answer.js';
import { type AttemptedCall, PodAttempt } from './pod-attempt.js';
import { bodyOf, readSmallBody, UploadStream } from './request-body.js';

export type CallOutcome = 'answered' | 'aborted' | 'cut' | GatewayFailure['kind'] | 'refused';

export interface CallContext {
  readonly region: string;
  readonly limits: CallLimits;
  /** The instances' parts of the event loop. */
  readonly turns: FairTurns;
  /** A pod could not be reached: worth a probe now. */
  readonly onUnreachable: (instance: InstancePods, pod: Pod) => void;
  readonly onOutcome: (outcome: CallOutcome) => void;
}

/** Statuses that a router may try elsewhere, so it wants to know whose they are. */
const POD_ERROR_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504]);
const PODS_NAMED_MAX = 64;
const CALL_TOKENS_MAX = 100_000_000;

/** What Node writes as a reason phrase; any other is left out. */
const REASON_PATTERN = /^[\t\x20-\x7e]*$/;

const NONE_TRIED: ReadonlySet<Pod> = new Set();

/**
 * One call on its way to a pod and back. A request that no pod can have seen moves on to the instance's next pod, each at
 * most once; from the first byte sent there is one pod, and its answer, its silence or its loss is what the caller gets.
 */
export class ForwardedCall implements PodRequest, AttemptedCall {
  tried: ReadonlySet<Pod> = NONE_TRIED;
  readonly avoided: ReadonlySet<string>;
  readonly affinity: string | undefined;
  readonly tokens: number;
  readonly #timers: CallTimers;
  #leaveQueue: (() => void) | undefined;
  #attempt: PodAttempt | undefined;
  #pod: Pod | undefined;
  #body: Buffer | UploadStream | null = null;
  #connectFailure: string | undefined;
  #settled = false;

  constructor(
    private readonly context: CallContext,
    private readonly instance: InstancePods,
    private readonly path: string,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.avoided = namedPods(request, HEADER.triedPods);
    this.affinity = headerValue(request.rawHeaders, HEADER.affinity);
    this.tokens = tokensOf(request);
    this.#timers = new CallTimers(context.limits, (what) => this.#timedOut(what));
    response.on('close', () => this.#responseClosed());
  }

  start(): void {
    this.instance.failed(namedPods(this.request, HEADER.failedPods));
    const body = bodyOf(this.request);
    if (body.kind === 'small') {
      readSmallBody(this.request, body.length, (buffer) => {
        this.#body = buffer;
        this.#acquire();
      });
      return;
    }
    if (body.kind === 'stream') this.#body = new UploadStream(this.request);
    this.#acquire();
  }

  // --- finding a pod -----------------------------------------------------------------------------------------------

  #acquire(): void {
    if (!this.#settled) this.#leaveQueue = this.instance.acquire(this);
  }

  take(pod: Pod): void {
    this.#pod = pod;
    this.#attempt = new PodAttempt(this, this.response, this.#timers, this.context.turns);
    pod.pool.dispatch(
      {
        path: pod.address.pathPrefix + this.path,
        method: this.request.method ?? 'GET',
        headers: headersForPod(this.request.rawHeaders, pod.apiKey),
        body: this.#body,
      },
      this.#attempt,
    );
  }

  refuse(why: 'no_pod' | 'busy'): void {
    // What happened to this very request says more than what became of the others meanwhile.
    if (this.#connectFailure !== undefined) this.#fail({ kind: 'connect_failed', sent: false, message: this.#connectFailure });
    else if (why === 'busy')
      this.#fail({ kind: 'busy', sent: false, message: 'every pod of the instance in this region is busy' });
    else this.#fail({ kind: 'no_pod', sent: false, message: 'no pod of the instance is healthy in this region' });
  }

  // --- what the attempt reports ------------------------------------------------------------------------------------

  notSent(error: Error): void {
    const pod = this.#releasePod();
    if (this.#settled || pod === undefined) return;
    if (isInvalidRequest(error)) return this.#refuseRequest(error.message);
    this.tried = new Set(this.tried).add(pod);
    this.#connectFailure = `the pod cannot be reached (${codeOf(error)})`;
    this.context.onUnreachable(this.instance, pod);
    this.#acquire();
  }

  lostBeforeHeaders(error: Error): void {
    this.#fail({
      kind: 'connection_lost',
      sent: true,
      message: `the connection to the pod was lost before it answered (${codeOf(error)})`,
      pod: this.#pod?.podId,
    });
  }

  headers(status: number, statusText: string | undefined, rawHeaders: readonly Buffer[]): void {
    const headers = headersFromPod(rawHeaders);
    headers.push(HEADER.region, this.context.region);
    const pod = this.#pod;
    const isKeyRefused = status === 401 || (status === 403 && pod !== undefined && pod.apiKey !== null);
    const isPodsError = POD_ERROR_STATUSES.has(status) || isKeyRefused;
    if (isKeyRefused) headers.push(HEADER.keyRefused, 'yes');
    if (pod !== undefined && !isPodsError) this.instance.succeeded(pod);
    if (pod !== undefined && (isPodsError || this.avoided.size > 0)) headers.push(HEADER.pod, pod.podId);
    this.response.sendDate = false;
    if (statusText !== undefined && REASON_PATTERN.test(statusText)) this.response.writeHead(status, statusText, headers);
    else this.response.writeHead(status, headers);
  }

  complete(body?: Buffer): void {
    if (!this.#settle('answered')) return;
    if (body === undefined) this.response.end();
    else endWith(this.response, body);
    discardUpload(this.request);
  }

  lostInAnswer(): void {
    if (this.#settle('cut')) cutResponse(this.response);
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  #timedOut(message: string): void {
    const attempt = this.#attempt;
    const error = new Error(message);
    if (attempt?.answering === true) {
      if (this.#settle('cut')) cutResponse(this.response);
    } else this.#fail({ kind: 'timeout', sent: attempt?.sent ?? false, message });
    attempt?.abort(error);
  }

  #responseClosed(): void {
    if (!this.#settle('aborted')) return;
    this.#attempt?.abort(new Error('the caller went away'));
  }

  #refuseRequest(message: string): void {
    if (this.#settle('refused')) answerRefusal(this.response, this.context.region, 400, 'invalid_request', message);
  }

  #fail(failure: GatewayFailure): void {
    if (this.#settle(failure.kind)) answerFailure(this.response, this.context.region, failure);
  }

  /** @returns false when the call had ended before. */
  #settle(outcome: CallOutcome): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#timers.stop();
    this.#leaveQueue?.();
    this.#leaveQueue = undefined;
    if (this.#body instanceof UploadStream) this.#body.destroy();
    // A pod that is still being connected to stays taken until undici lets go of the request.
    if (this.#attempt?.sent === true) this.#releasePod();
    this.context.onOutcome(outcome);
    return true;
  }

  #releasePod(): Pod | undefined {
    const pod = this.#pod;
    this.#pod = undefined;
    if (pod !== undefined) this.instance.release(pod, this);
    return pod;
  }

  abandoned(): void {
    this.#releasePod();
  }

  get holder(): string {
    return String(this.instance.instanceId);
  }

  get settled(): boolean {
    return this.#settled;
  }
}

const NO_PODS: ReadonlySet<string> = new Set();

/** What a router says about pods of this gateway. */
function namedPods(request: IncomingMessage, header: string): ReadonlySet<string> {
  const value = headerValue(request.rawHeaders, header);
  return value !== undefined ? new Set(value.split(',', PODS_NAMED_MAX)) : NO_PODS;
}

/** Where its router says nothing, each call is as good as another. */
function tokensOf(request: IncomingMessage): number {
  const tokens = Number(headerValue(request.rawHeaders, HEADER.callTokens) ?? 1);
  return Number.isSafeInteger(tokens) && tokens > 0 && tokens <= CALL_TOKENS_MAX ? tokens : 1;
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

/** undici refuses what must not be put on the wire, e.g. a header with a control character. */
function isInvalidRequest(error: Error): boolean {
  return ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'].includes(codeOf(error));
}

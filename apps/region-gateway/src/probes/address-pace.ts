import type { ProbeAnswer } from './send-probe.js';

/** What makes two probes the same question. */
export interface PacedProbe {
  readonly origin: string;
  readonly path: string;
  readonly apiKey: string | null;
  readonly wantsBody?: boolean;
}

const SHARED_MS = 1_000;
/** One probe a second, which is up to two requests: `/health`, and `/v1/models` of servers without it. */
const INTERVAL_MS = 500;
/** First and second looks at pods that were just added, and one that a failing call asks for, need not wait. */
const BURST = 8;
/** Beyond these the answer is that of a pod that does not answer in time. */
const WAITING_MAX = 64;
const ANSWERS_MAX = 64;

interface Place {
  /** Probes that may go out now; grows by one each interval up to the burst. */
  tokens: number;
  filledAtMs: number;
  waiting: number;
  readonly answers: Map<string, { readonly asker: object; readonly atMs: number; readonly answer: Promise<ProbeAnswer> }>;
}

/**
 * One probe a second for each server, however many pods are said to be there: pods of one server that ask the same at the
 * same time share the answer, those that ask something else take turns.
 */
export class AddressPace {
  readonly #places = new Map<string, Place>();

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly wait: (delayMs: number) => Promise<void> = (delayMs) =>
      new Promise((resolve) => void setTimeout(resolve, delayMs).unref()),
  ) {}

  /** `asker`: the pod; its own last answer is never given to it again. */
  async probe(asker: object, probe: PacedProbe, send: (probe: PacedProbe) => Promise<ProbeAnswer>): Promise<ProbeAnswer> {
    const place = this.#placeOf(probe.origin);
    const question = `${probe.path}\n${probe.apiKey ?? ''}\n${probe.wantsBody === true}`;
    const last = place.answers.get(question);
    if (last !== undefined && last.asker !== asker && this.now() - last.atMs < SHARED_MS) return last.answer;
    if (place.tokens < 1 && place.waiting >= WAITING_MAX) return { kind: 'timeout' };
    const answer = this.#inTurn(place, () => send(probe));
    place.answers.delete(question);
    place.answers.set(question, { asker, atMs: this.now(), answer });
    const [oldest] = place.answers.keys();
    if (place.answers.size > ANSWERS_MAX && oldest !== undefined) place.answers.delete(oldest);
    return answer;
  }

  /** No pod is at this server any more. */
  forget(origin: string): void {
    this.#places.delete(origin);
  }

  async #inTurn(place: Place, send: () => Promise<ProbeAnswer>): Promise<ProbeAnswer> {
    this.#fill(place);
    place.tokens -= 1;
    if (place.tokens < 0) {
      place.waiting += 1;
      await this.wait(-place.tokens * INTERVAL_MS);
      place.waiting -= 1;
    }
    return send();
  }

  #fill(place: Place): void {
    const nowMs = this.now();
    place.tokens = Math.min(BURST, place.tokens + (nowMs - place.filledAtMs) / INTERVAL_MS);
    place.filledAtMs = nowMs;
  }

  #placeOf(origin: string): Place {
    const known = this.#places.get(origin);
    if (known !== undefined) {
      this.#fill(known);
      return known;
    }
    const place: Place = { tokens: BURST, filledAtMs: this.now(), waiting: 0, answers: new Map() };
    this.#places.set(origin, place);
    return place;
  }
}

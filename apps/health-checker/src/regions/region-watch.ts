import { counter } from '@ecolink/service-kit';
import { Agent } from 'undici';
import { readGateway } from './read-gateway.js';
import { afterReading, type RegionVerdict, type RegionView, UNREAD, verdictOf } from './region-view.js';

const READ_INTERVAL_MS = 1_000;
const DEBOUNCE_MS = 50;
const CONNECTIONS_MAX = 2;
const readings = counter('ecolink_gateway_readings_total', 'Readings of gateways by the health checker', ['region', 'result']);

/** Reads one gateway once a second, and at once when it has something to say. Each region has its own, so that none waits for another. */
export class RegionWatch {
  #view: RegionView = UNREAD;
  #timer: NodeJS.Timeout | undefined;
  #nextAtMs = 0;
  #reading = false;
  #pokedWhileReading = false;
  #readAtMs: number | undefined;
  #stopped = false;
  readonly #agent = new Agent({ connections: CONNECTIONS_MAX });

  constructor(
    readonly region: string,
    readonly gatewayUrl: string,
    private readonly internalSecret: string,
    private readonly onReading: () => void,
  ) {
    this.#readIn(0);
  }

  /** Milliseconds since the epoch of the last answer. */
  get readAtMs(): number | undefined {
    return this.#readAtMs;
  }

  get verdict(): RegionVerdict {
    return verdictOf(this.#view);
  }

  readNow(): void {
    if (this.#reading) this.#pokedWhileReading = true;
    else if (this.#nextAtMs - performance.now() > DEBOUNCE_MS) this.#readIn(DEBOUNCE_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#agent.destroy();
  }

  #readIn(delayMs: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#nextAtMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => void this.#read(), delayMs);
  }

  async #read(): Promise<void> {
    const startedAtMs = performance.now();
    this.#reading = true;
    this.#pokedWhileReading = false;
    const reading = await readGateway(this.gatewayUrl, this.region, this.internalSecret, this.#agent);
    this.#reading = false;
    if (this.#stopped) return;
    this.#view = afterReading(this.#view, reading, Date.now());
    readings.inc({ region: this.region, result: reading.kind });
    if (reading.kind === 'read') this.#readAtMs = Date.now();
    const delayMs = this.#pokedWhileReading ? DEBOUNCE_MS : READ_INTERVAL_MS - (performance.now() - startedAtMs);
    this.#readIn(Math.max(DEBOUNCE_MS, delayMs));
    this.onReading();
  }
}

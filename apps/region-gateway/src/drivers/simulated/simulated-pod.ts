import { BackOff } from './back-off.js';

/** What a simulated pod is up to. */
export type SimulatedPodState =
  | { readonly kind: 'starting'; readonly reason: string }
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failing'; readonly reason: string };

export interface SimulatedPodOptions {
  readonly podId: string;
  /** Arguments of the simulator's command line. */
  readonly args: readonly string[];
  /** The key that the pod is to ask for. */
  readonly apiKey: string;
  readonly onChange: () => void;
}

/** One pod as its gateway knows it: a listener in the simulators' process, started again with a growing delay when it ends. */
export class SimulatedPod {
  readonly #backOff = new BackOff();
  #startedAtMs = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #onEnded: (() => void) | undefined;
  state: SimulatedPodState = { kind: 'starting', reason: 'the simulator starts' };
  /** The process was asked to start it, and has not said since that it ended. */
  isHosted = false;
  isReleased = false;

  constructor(readonly options: SimulatedPodOptions) {}

  starts(): void {
    this.isHosted = true;
    this.#startedAtMs = performance.now();
  }

  listens(port: number): void {
    this.#setState({ kind: 'listening', port });
  }

  /** It ended by itself, or could not start; `startAgain` comes after a while. */
  ended(reason: string, startAgain: () => void): void {
    const delayMs = this.#backOff.next(performance.now() - this.#startedAtMs);
    this.#restartTimer = setTimeout(startAgain, delayMs);
    this.gone();
    this.#setState({ kind: this.#backOff.isFailing ? 'failing' : 'starting', reason });
  }

  /** Its process ended, and with it the pod; the process starts it again. */
  lost(reason: string, isFailing: boolean): void {
    clearTimeout(this.#restartTimer);
    this.gone();
    this.#setState({ kind: isFailing ? 'failing' : 'starting', reason });
  }

  /** It runs no more. */
  gone(): void {
    this.isHosted = false;
    this.#onEnded?.();
  }

  /** It is not wanted any more. Resolves once it is gone. */
  async release(): Promise<void> {
    this.isReleased = true;
    clearTimeout(this.#restartTimer);
    if (this.isHosted) await new Promise<void>((resolve) => (this.#onEnded = resolve));
  }

  #setState(state: SimulatedPodState): void {
    this.state = state;
    this.options.onChange();
  }
}

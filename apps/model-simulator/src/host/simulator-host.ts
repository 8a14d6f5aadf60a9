import { OptionError } from '../options/option-error.js';
import { parseCommandLine } from '../options/parse-command-line.js';
import { type ModelSimulator, startModelSimulator } from '../server/start-model-simulator.js';

/** What a host says of its simulators, each as one line of JSON. */
export type HostEvent =
  | { readonly event: 'listening'; readonly id: string; readonly port: number }
  | { readonly event: 'failed'; readonly id: string; readonly error: string }
  | { readonly event: 'stopped'; readonly id: string; readonly requests_cut: number };

export interface HostedSimulator {
  readonly id: string;
  readonly port: number;
}

const SIMULATORS_MAX = 256;
const ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** Runs many simulators in one process, each a listener of its own that can be ended alone. */
export class SimulatorHost {
  private readonly running = new Map<string, ModelSimulator>();
  private readonly starting = new Map<string, Promise<unknown>>();

  constructor(private readonly tell: (event: HostEvent) => void) {}

  list(): HostedSimulator[] {
    return [...this.running].map(([id, { port }]) => ({ id, port }));
  }

  /** Starts one by the arguments of its command line and the key that it asks for. What cannot be started is told, too. */
  async start(id: string, args: readonly string[], apiKey?: string): Promise<void> {
    try {
      const simulator = await this.open(id, args, apiKey);
      this.tell({ event: 'listening', id, port: simulator.port });
    } catch (error) {
      this.tell({ event: 'failed', id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Ends one: after its requests, at most `drainMs`; with 0 at once, as a killed process does. False where there is none. */
  async stop(id: string, drainMs: number): Promise<boolean> {
    await this.starting.get(id)?.catch(() => undefined);
    const simulator = this.running.get(id);
    if (simulator === undefined) return false;
    this.running.delete(id);
    const requestsCut = await simulator.drain(drainMs);
    this.tell({ event: 'stopped', id, requests_cut: requestsCut });
    return true;
  }

  private async open(id: string, args: readonly string[], apiKey?: string): Promise<ModelSimulator> {
    if (!ID_PATTERN.test(id)) throw new OptionError('an id has 1 to 64 letters, digits, dots, dashes or underscores');
    if (this.running.has(id) || this.starting.has(id)) throw new OptionError(`${id} runs already`);
    if (this.running.size + this.starting.size >= SIMULATORS_MAX) throw new OptionError(`at most ${SIMULATORS_MAX} simulators`);
    const commandLine = parseCommandLine(args, apiKey);
    if (commandLine === 'help') throw new OptionError('--help is not for a host');
    const opened = startModelSimulator(commandLine.settings);
    this.starting.set(id, opened);
    try {
      const simulator = await opened;
      this.running.set(id, simulator);
      return simulator;
    } finally {
      this.starting.delete(id);
    }
  }
}

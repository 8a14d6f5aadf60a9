import { createServer } from 'node:http';
import { FaultBook } from '../faults/fault-book.js';
import type { Fault } from '../faults/fault.js';
import { findFault } from '../faults/fault.js';
import type { SimulatorOptions } from '../options/settings.js';
import { completeSettings } from '../options/settings.js';
import { PromptEngine } from '../text/prompt-engine.js';
import { seededRandom } from '../timing/seeded-random.js';
import { handleRequest } from './handle-request.js';
import { Listener } from './listener.js';
import type { RecordedRequest, SimulatorStats } from './request-log.js';
import { RequestLog } from './request-log.js';
import type { SimulatorState } from './simulator-state.js';

export interface ModelSimulator {
  /** Without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** The last requests, oldest first; running ones too. */
  requests(): RecordedRequest[];
  stats(): SimulatorStats;
  /** Replaces the process-wide faults; none given = works again. */
  setFault(...faults: readonly (Fault | readonly Fault[])[]): Promise<void>;
  /** Accepts nothing new, lets requests finish for at most `drainMs`, then cuts the rest. Returns how many it cut. */
  drain(drainMs: number): Promise<number>;
  /** Ends at once, cutting what is running, as a killed pod does. */
  close(): Promise<void>;
}

/** Starts a simulator in this process; throws `OptionError` for options that cannot be used and rejects when it cannot listen. */
export async function startModelSimulator(options: SimulatorOptions): Promise<ModelSimulator> {
  const settings = completeSettings(options);
  const log = new RequestLog(settings.recordedRequestsMax);
  const faults = new FaultBook(settings.faults);
  const random = seededRandom(settings.seed);
  const readyAt = performance.now() + settings.startupMs;
  let draining = false;

  // Longer than any client keeps an idle connection, so that no request meets a connection that is just being closed.
  const server = createServer({ keepAliveTimeout: 75_000, maxHeaderSize: 65_536 }, (request, response) => {
    response.on('close', () => listener.requestEnded());
    void handleRequest(state, request, response);
  });
  const listener = new Listener(server, settings.host);
  const setFault = async (replacement: readonly Fault[]): Promise<void> => {
    faults.replace(replacement);
    await listener.accept(findFault(replacement, 'refuse') === undefined && !draining);
  };
  const state: SimulatorState = {
    settings,
    log,
    faults,
    prompts: new PromptEngine(settings),
    phase: () => (draining ? 'draining' : performance.now() < readyAt ? 'loading' : 'serving'),
    accepting: () => server.listening,
    nextTtftMs: () => settings.ttftMs.min + random() * (settings.ttftMs.max - settings.ttftMs.min),
    setFault,
  };

  const port = await listener.open(settings.port);
  await setFault(settings.faults);
  return {
    url: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`,
    port,
    requests: () => log.recorded(),
    stats: () => log.stats(),
    setFault: async (...replacement) => await setFault(replacement.flat()),
    drain: async (drainMs) => {
      draining = true;
      return await listener.drain(drainMs, () => log.stats().inFlight);
    },
    close: async () => {
      draining = true;
      await listener.drain(0, () => 0);
    },
  };
}

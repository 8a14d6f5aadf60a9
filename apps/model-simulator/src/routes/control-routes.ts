import type { IncomingMessage, ServerResponse } from 'node:http';
import { findFault } from '../faults/fault.js';
import { parseFaults } from '../faults/parse-fault.js';
import { OptionError } from '../options/option-error.js';
import { authorize } from '../server/authorize.js';
import { readBody } from '../server/read-body.js';
import type { SimulatorState } from '../server/simulator-state.js';
import { waitForAbort } from '../timing/wait.js';
import { RequestRefused } from '../wire/request-refused.js';

/** Answers outside inference: JSON at once, no faults but those of health. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

export function root({ settings }: SimulatorState, response: ServerResponse): void {
  sendJson(response, 200, { simulator: 'EcoLink model simulator', model: settings.model, category: settings.category });
}

export async function health(state: SimulatorState, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const faults = state.faults.current();
  if (findFault(faults, 'health-hang')) {
    await waitForAbort(signal);
    return;
  }
  if (findFault(faults, 'health-missing')) throw new RequestRefused(404, 'not_found', 'Not Found');
  const status = findFault(faults, 'health-red') ? 'unhealthy' : state.phase();
  sendJson(response, status === 'serving' ? 200 : 503, { status });
}

export function models(state: SimulatorState, request: IncomingMessage, response: ServerResponse, startedAtMs: number): void {
  authorize(request.headers.authorization, state.settings.apiKey);
  if (state.phase() === 'loading') throw new RequestRefused(503, 'model_loading', 'The simulated model is still loading.');
  const created = Math.floor(startedAtMs / 1000);
  sendJson(response, 200, {
    object: 'list',
    data: [{ id: state.settings.model, object: 'model', created, owned_by: 'ecolink-simulator' }],
  });
}

/** Reads or replaces the process-wide faults; exists only where requests may ask for faults at all. */
export async function faultsRoute(state: SimulatorState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!state.settings.allowRequestFaults)
    throw new RequestRefused(404, 'not_found', 'Start with --allow-request-faults to set faults here.');
  if (request.method === 'PUT') {
    const body = await readBody(request, Math.min(state.settings.bodyBytesMax, 65_536));
    try {
      await state.setFault(parseFaults(body.toString('utf8')));
    } catch (error) {
      if (error instanceof OptionError) throw new RequestRefused(400, 'invalid_request', error.message);
      throw error;
    }
  }
  sendJson(response, 200, state.faults.current());
}

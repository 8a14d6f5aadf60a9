import type { Fault } from '../faults/fault.js';
import { findFault } from '../faults/fault.js';
import { parseFaults } from '../faults/parse-fault.js';
import { OptionError } from '../options/option-error.js';
import { waitForAbort } from '../timing/wait.js';
import { answerBytes } from '../wire/answer-json.js';
import { breakConnection, resetMidHeaders } from '../wire/break-connection.js';
import { openAiError, RequestRefused } from '../wire/request-refused.js';
import type { Exchange } from './exchange.js';

const REQUEST_FAULT_NAME = 'x-simulator-fault';

/** The faults a request asks for itself, by header or query parameter. */
export function requestFaults(headers: Readonly<Record<string, string | string[] | undefined>>, query: string): Fault[] {
  const texts = [headers[REQUEST_FAULT_NAME], ...new URLSearchParams(query).getAll(REQUEST_FAULT_NAME)].flat();
  try {
    return texts.flatMap((text) => (text === undefined ? [] : parseFaults(text)));
  } catch (error) {
    if (error instanceof OptionError) throw new RequestRefused(400, 'invalid_request', error.message, REQUEST_FAULT_NAME);
    throw error;
  }
}

/** Lets a fault take the place of the whole answer. Returns whether one did. */
export async function replaceAnswer(exchange: Exchange): Promise<boolean> {
  const { faults, response, signal } = exchange;
  if (findFault(faults, 'headers')) setHeadersToStrip(exchange);
  const close = findFault(faults, 'close-before-headers');
  if (close !== undefined) await breakConnection(exchange, close);
  else if (findFault(faults, 'reset-mid-headers')) await resetMidHeaders(exchange);
  else if (findFault(faults, 'hang-before-headers')) await waitForAbort(signal);
  else {
    const status = findFault(faults, 'status');
    if (status === undefined) return false;
    if (status.retryAfterSeconds !== undefined) response.setHeader('retry-after', status.retryAfterSeconds);
    const body = status.body ?? JSON.stringify(openAiError(status.status, 'simulated_fault', 'The simulator failed on purpose.'));
    await answerBytes(exchange, status.status, /^\s*[[{]/.test(body) ? 'application/json' : 'text/plain', Buffer.from(body));
  }
  return true;
}

function setHeadersToStrip({ response }: Exchange): void {
  response.setHeader('set-cookie', ['pod=1; Path=/', 'session=forged; Path=/']);
  response.setHeader('x-ecolink-region', 'forged');
  response.setHeader('x-ecolink-request-id', 'forged');
  response.setHeader('x-ratelimit-limit', '1');
  response.setHeader('x-ratelimit-remaining', '0');
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('clear-site-data', '"*"');
  response.setHeader('connection', 'keep-alive, x-simulator-hop');
  response.setHeader('x-simulator-hop', '1');
}

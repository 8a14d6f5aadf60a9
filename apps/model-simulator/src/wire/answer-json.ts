import { findFault } from '../faults/fault.js';
import type { Exchange } from '../server/exchange.js';
import { waitForAbort } from '../timing/wait.js';
import { bodyWriter } from './body-writer.js';
import { breakConnection } from './break-connection.js';

/** Answers with a body of known length, as the exchange's faults have it: whole, slow, in pieces, or only its first half. */
export async function answerJson(exchange: Exchange, value: unknown, status = 200): Promise<void> {
  await answerBytes(exchange, status, 'application/json', Buffer.from(JSON.stringify(value)));
}

export async function answerBytes(exchange: Exchange, status: number, contentType: string, bytes: Buffer): Promise<void> {
  const { response, faults, signal } = exchange;
  if (signal.aborted) return;
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  const cut = findFault(faults, 'cut-after-tokens');
  const hangs = findFault(faults, 'hang-after-tokens') !== undefined;
  const write = bodyWriter(response, faults, signal);
  await write(cut || hangs ? bytes.subarray(0, bytes.length / 2) : bytes);
  if (cut) await breakConnection(exchange, cut);
  else if (hangs) await waitForAbort(signal);
  else response.end();
}

import { createHash } from 'node:crypto';
import type { Exchange } from '../server/exchange.js';
import { pairsOf } from '../server/raw-headers.js';
import { answerJson } from '../wire/answer-json.js';

/** Tells what arrived, byte for byte, so that a call through proxies can be compared with a direct one. */
export async function echo(exchange: Exchange): Promise<void> {
  const { request, path, query, body } = exchange;
  await answerJson(exchange, {
    method: request.method,
    path,
    query,
    http_version: request.httpVersion,
    headers: pairsOf(request.rawHeaders),
    body: { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') },
  });
}

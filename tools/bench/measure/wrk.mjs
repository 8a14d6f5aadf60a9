// wrk as the load of many connections: it costs a tenth of what a client on Node does.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureProgram } from '../../engines/programs.mjs';
import { requestOf } from './load.mjs';

const TIMEOUT_SECONDS = 30;

/**
 * Keeps `connections` busy with chat calls of 400 bytes for so long.
 * @returns {Promise<{ calls: number, perSecond: number, failed: number }>} `failed` counts answers but 2xx and 3xx, and broken connections
 */
export async function wrk({ origin, key, model, connections, seconds }) {
  const program = await ensureProgram('wrk', ['wrk'], console.error);
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-wrk-'));
  try {
    const { method, headers, body, path: route } = requestOf({ model, key });
    const script = path.join(directory, 'call.lua');
    const lines = Object.entries(headers).map(
      ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
    );
    writeFileSync(script, [`wrk.method = "${method}"`, `wrk.body = ${JSON.stringify(body)}`, ...lines, ''].join('\n'));
    const { stdout } = await promisify(execFile)(program, [
      ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`],
      ...['--timeout', `${TIMEOUT_SECONDS}s`, '--script', script, `${origin}${route}`],
    ]);
    return readReport(stdout);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readReport(text) {
  const numberAfter = (pattern) => Number(pattern.exec(text)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  return {
    calls: numberAfter(/(\d+) requests in/),
    perSecond: numberAfter(/Requests\/sec:\s+([\d.]+)/),
    failed: errors.reduce((sum, count) => sum + Number(count), numberAfter(/Non-2xx or 3xx responses: (\d+)/)),
  };
}

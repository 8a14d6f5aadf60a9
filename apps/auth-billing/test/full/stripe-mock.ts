import { execFile, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const INSTALL_FILE = fileURLToPath(new URL('../../../../tools/stripe-mock/install.mjs', import.meta.url));
const LISTENING = /Listening for HTTP at address: (127\.0\.0\.1:\d+)/;

export interface StripeRequest {
  readonly call: string;
  readonly form: URLSearchParams;
  readonly idempotencyKey: string | undefined;
  /** What stripe-mock answered, before anything of it was replaced. */
  readonly status: number;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** By call: what replaces fields of the mock's answers, which are the same whatever was paid, and their HTTP status. */
export type Answers = Map<string, { readonly fields: object; readonly httpStatus?: number }>;

export interface StripeMock {
  readonly port: number;
  readonly requests: StripeRequest[];
  readonly answers: Answers;
  close(): Promise<void>;
}

/** Runs stripe-mock behind a listener that keeps what was asked, and says of payments what the test wants said. */
export async function startStripeMock(): Promise<StripeMock> {
  const mock = await runMock();
  const requests: StripeRequest[] = [];
  const answers: Answers = new Map();
  const server = createServer((request, response) => {
    forward(mock.address, request, response, requests, answers).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await mock.end();
  };
  return { port: (server.address() as AddressInfo).port, requests, answers, close };
}

async function forward(
  address: string,
  request: IncomingMessage,
  response: ServerResponse,
  requests: StripeRequest[],
  answers: Answers,
): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const body = await buffer(request);
  const headers = { authorization: request.headers.authorization ?? '', 'content-type': request.headers['content-type'] ?? '' };
  const answered = await fetch(`http://${address}${url}`, { method, headers, ...(body.length === 0 ? {} : { body }) });
  const answer = (await answered.json()) as Record<string, unknown>;
  const call = `${method} ${url.split('?')[0] ?? ''}`;
  const idempotencyKey = request.headers['idempotency-key']?.toString();
  requests.push({ call, form: new URLSearchParams(body.toString()), idempotencyKey, status: answered.status, answer });
  const wanted = answered.ok ? answers.get(call) : undefined;
  response.writeHead(wanted?.httpStatus ?? answered.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...answer, ...wanted?.fields }));
}

/** The program, installed where it is not, on a port that the system chooses. */
async function runMock(): Promise<{ readonly address: string; end(): Promise<void> }> {
  const program = (await promisify(execFile)(process.execPath, [INSTALL_FILE])).stdout.trim();
  const child = spawn(program, ['-http-addr', '127.0.0.1:'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`stripe-mock ended with ${String(code)} before it listened`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = LISTENING.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const end = () => {
    child.kill();
    return ended;
  };
  return { address, end };
}

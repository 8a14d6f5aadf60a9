import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PaymentsStandIn {
  readonly port: number;
  close(): Promise<void>;
}

/** Takes orders as Stripe does, each under an id of its own. */
export async function startPaymentsStandIn(): Promise<PaymentsStandIn> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    const body = { id: `cs_${count}`, object: 'checkout.session', url: `https://checkout.test/${count}` };
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections and to who asks for any: one of those may be gone before it is
 * listened on. And below those that `podAddress` and the product itself choose from.
 */
const PORT_MIN = 10_000;
const PORT_END = 20_000;
const TRIES = 100;

/** Who was given a port may not listen on it yet. */
const given = new Set<number>();

/** A port of loopback that nobody listens on now, another one each time. Of two processes that ask, one in ten thousand gets the other's. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_END);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port was found from ${PORT_MIN} to ${PORT_END}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

import { createServer } from 'node:net';

/** Below the range that systems take the ports of outgoing connections from: there one may be gone before it is listened on. */
const LOWEST = 20_000;
const COUNT = 12_000;
const TRIES = 100;

/** Who was given a port may not listen on it yet. */
const given = new Set<number>();

/** Finds a port of the host that nobody listens on now, another one each time. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    if (given.has(port)) continue;
    given.add(port);
    const isFree = await listenOnce(host, port).then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
  return listenOnce(host, 0);
}

/** Throws, naming the option, when a port is taken. */
export async function assertPortIsFree(host: string, port: number, option: string): Promise<void> {
  if (port === 0) return;
  await listenOnce(host, port).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new Error(`port ${port} on ${host} is taken: stop what uses it, or choose another with ${option}`);
    if (code === 'EACCES')
      throw new Error(`port ${port} needs privileges that this user lacks: choose one above 1023 with ${option}`);
    throw error;
  });
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => {
        resolve(actual);
      });
    });
  });
}

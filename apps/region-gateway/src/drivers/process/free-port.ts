import { createServer } from 'node:net';

/** A loopback port that was free a moment ago; a server that finds it taken ends, and is started again on another. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('a server without a port');
  return address.port;
}

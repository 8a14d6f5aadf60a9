import { randomInt } from 'node:crypto';

/** Below the ports that Linux gives out by itself: a product that listens on one of those has it on every loopback address. */
const PORT_MIN = 20_000;
const PORT_END = 30_000;

/**
 * Where one server of a test listens. A server that one account named is no other account's to name, and ports come again: with
 * an address of its own no server is taken for another. Only Linux has more than one.
 */
export function podAddress(): { readonly host: string; readonly port: number } {
  if (process.platform !== 'linux') return { host: '127.0.0.1', port: 0 };
  const host = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  return { host, port: randomInt(PORT_MIN, PORT_END) };
}

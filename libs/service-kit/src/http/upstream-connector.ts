import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** As much as Node reads of a connection at a time. */
const READ_BYTES = 65_536;

/**
 * What arrives on any connection is read to here, and copied from here at once, in the size that it has. Node would take a
 * buffer of this size for each read, and shrink it: a server that passes on many short answers spends more on that than on
 * anything of its own.
 */
const landing = Buffer.allocUnsafeSlow(READ_BYTES);

/** Opens undici's connections to upstreams. Those with TLS are undici's own: their sessions are taken up again. */
export function upstreamConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connectTls = buildConnector(options);
  return (target, callback) => {
    if (target.protocol === 'https:') return connectTls(target, callback);
    let socket: Socket | undefined;
    const takeOver = (bytes: number): boolean => socket?.push(Buffer.from(landing.subarray(0, bytes))) ?? true;
    const connect = buildConnector({
      ...options,
      onread: { buffer: landing, callback: takeOver },
    });
    // Nothing is read before this tells that the connection stands.
    connect(target, (...result: Parameters<buildConnector.Callback>) => {
      socket = result[1] ?? undefined;
      callback(...result);
    });
  };
}

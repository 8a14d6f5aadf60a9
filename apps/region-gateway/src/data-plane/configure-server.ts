import type { Server } from 'node:http';

const HEADER_BYTES_MAX = 65_536;
const HEADERS_TIMEOUT_MS = 20_000;
/** Longer than any router keeps an idle connection, so that it is never the gateway that closes under a new call. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/** The listener's limits. Bodies are streams of any length and duration; the calls' own clocks bound them. */
export function configureServer(server: Server): void {
  server.requestTimeout = 0;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.maxRequestsPerSocket = 0;
  server.timeout = 0;
  // Read by Node for every new connection, though the types know it only as an option of `createServer`.
  Object.assign(server, { maxHeaderSize: HEADER_BYTES_MAX });
}

import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.js';

/** Whether a path is the folder's own or stands below it. */
export function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder) && (path.length === folder.length || path.charCodeAt(folder.length) === 0x2f);
}

/** A browser that was given the bare address, as opposed to a program that looks for an API. */
export function wantsPage(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
}

/** Temporary, since another version may have something else to show. */
export function redirectTo(exchange: Exchange, path: string): void {
  exchange.response.writeHead(302, [...exchange.headers, 'location', path, 'content-length', '0', 'cache-control', 'no-store']);
  exchange.response.end();
}

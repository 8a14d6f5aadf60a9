import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorBody, HEADER, headerValues, newId, type Refusal } from '@ecolink/contracts';

export const UPGRADE_REFUSED: Refusal = {
  code: 'upgrade_not_supported',
  message: 'only HTTP is passed on: protocol upgrades and tunnels are not supported',
};

/** Whether a request wants another protocol than HTTP. Some clients offer HTTP/2 with every call, and go on without it. */
export function asksForUpgrade(request: IncomingMessage): boolean {
  const protocols = headerValues(request.rawHeaders, 'upgrade').flatMap((value) => value.split(','));
  return protocols.some((protocol) => !/^\s*(h2c|HTTP\/\d(\.\d)?)?\s*$/i.test(protocol));
}

/** Answers `CONNECT`, which Node hands over as a bare connection, and closes it. */
export function refuseConnect(_request: IncomingMessage, socket: Duplex): void {
  const body = JSON.stringify(errorBody(UPGRADE_REFUSED));
  const id = newId('req');
  const head = [
    'HTTP/1.1 501 Not Implemented',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    `${HEADER.requestId}: ${id}`,
    `${HEADER.clientRequestId}: ${id}`,
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

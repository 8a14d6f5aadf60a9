import type { Socket } from 'node:net';
import { errorBody, HEADER, newId } from '@ecolink/contracts';
import { unfinishedAnswers } from '@ecolink/proxy';

/**
 * Answers what is no request of HTTP, and closes. While an answer is under way on the connection nothing is written: the
 * client would take it for a part of that answer. Fastify's own handler, which comes after this one, leaves a closed
 * connection alone.
 */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable && !isAnswering(socket)) socket.write(answerTo(error.code));
  socket.destroySoon();
}

function isAnswering(socket: Socket): boolean {
  return unfinishedAnswers(socket).some((response) => response.headersSent);
}

function answerTo(code: string | undefined): string {
  const [status, message] = STATUSES[code ?? ''] ?? ['400 Bad Request', 'this is not a well-formed HTTP request'];
  const body = JSON.stringify(errorBody({ code: 'invalid_request', message }));
  const id = newId('req');
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    `${HEADER.requestId}: ${id}`,
    `${HEADER.clientRequestId}: ${id}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

const STATUSES: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the head of the request did not come in time'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the head of the request is too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'the chunk extensions of the request are too large'],
};

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const UNFINISHED = Symbol('unfinished answers');

/**
 * The answers that a connection still owes, noted on the connection and on each of them: every call comes by here. An answer
 * that has ended may know its connection no more.
 */
interface Owing {
  [UNFINISHED]?: ServerResponse[];
}

/** Notes on each connection of a server what it owes. To be called once for a server, before it listens. */
export function noteUnfinishedAnswers(server: Server): void {
  // First of all listeners: whoever takes the request may take it from its connection.
  server.prependListener('request', noteAnswer);
}

/** The answers that a connection still owes, oldest first; those of pipelined requests wait for the ones before them. */
export function unfinishedAnswers(socket: Socket): readonly ServerResponse[] {
  return (socket as Owing)[UNFINISHED] ?? [];
}

function noteAnswer(request: IncomingMessage, response: ServerResponse): void {
  const unfinished = ((request.socket as Owing)[UNFINISHED] ??= []);
  unfinished.push(response);
  (response as Owing)[UNFINISHED] = unfinished;
  response.on('close', forgetAnswer);
}

function forgetAnswer(this: ServerResponse): void {
  const unfinished = (this as Owing)[UNFINISHED];
  const index = unfinished?.indexOf(this) ?? -1;
  if (index !== -1) unfinished?.splice(index, 1);
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const UNFINISHED = Symbol('unfinished answers');

/** A connection and the answers that it still owes, kept on the connection itself: every call comes by here. */
interface OwingSocket extends Socket {
  [UNFINISHED]?: ServerResponse[];
}

/** Notes on each connection of a server what it owes. To be called once for a server, before it listens. */
export function noteUnfinishedAnswers(server: Server): void {
  server.on('request', noteAnswer);
}

/** The answers that a connection still owes, oldest first; those of pipelined requests wait for the ones before them. */
export function unfinishedAnswers(socket: Socket): readonly ServerResponse[] {
  return (socket as OwingSocket)[UNFINISHED] ?? [];
}

function noteAnswer(request: IncomingMessage, response: ServerResponse): void {
  const socket = request.socket as OwingSocket;
  const unfinished = socket[UNFINISHED];
  if (unfinished === undefined) socket[UNFINISHED] = [response];
  else unfinished.push(response);
  response.on('close', forgetAnswer);
}

function forgetAnswer(this: ServerResponse): void {
  const unfinished = (this.req.socket as OwingSocket)[UNFINISHED];
  const index = unfinished?.indexOf(this) ?? -1;
  if (index !== -1) unfinished?.splice(index, 1);
}

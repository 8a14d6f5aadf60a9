import { yieldToIo } from '../timing/wait.js';
import type { Exchange } from '../server/exchange.js';

/** Ends the connection on purpose, after what was written has left the process; recorded as the simulator's doing. */
export async function breakConnection(
  { record, response, request, signal }: Exchange,
  how: { readonly reset: boolean },
): Promise<void> {
  const { socket } = request;
  await yieldToIo();
  if (signal.aborted) return;
  record.outcome = 'broken-by-fault';
  // An empty write is answered after those before it: the client gets all tokens that the fault allows.
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.write('', () => resolve());
  });
  if (how.reset) socket.resetAndDestroy();
  else response.destroy();
}

/** Sends the first bytes of an answer's head, then resets the connection. */
export async function resetMidHeaders(exchange: Exchange): Promise<void> {
  exchange.request.socket.write('HTTP/1.1 200 OK\r\ncontent-type: applica');
  await breakConnection(exchange, { reset: true });
}

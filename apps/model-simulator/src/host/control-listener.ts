import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { SimulatorHost } from './simulator-host.js';

const HOST = '127.0.0.1';

/**
 * `GET /control` lists the simulators; `POST /control/kill?id=ID` ends one as kill -9 ends a process: its listener and its
 * connections are gone, the others go on. Loopback only, and apart from what the simulators serve.
 */
export async function startControlListener(host: SimulatorHost, port: number): Promise<Server> {
  const server = createServer((request, response) => void answer(host, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  return server;
}

async function answer(host: SimulatorHost, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', `http://${HOST}`);
  request.resume();
  switch (`${request.method ?? ''} ${pathname}`) {
    case 'GET /control':
      return send(response, 200, { simulators: host.list() });
    case 'POST /control/kill': {
      const killed = await host.stop(searchParams.get('id') ?? '', 0);
      return send(response, killed ? 200 : 404, { killed });
    }
    default:
      return send(response, 404, { error: 'there are GET /control and POST /control/kill?id=ID' });
  }
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { type DataPlaneFixture, startDataPlane } from './data-plane-fixture.js';

/** A client of a real router and gateway that leaves in the middle of its calls, and a pod that notices. */
export class LeavingClient {
  private constructor(
    private readonly fixture: DataPlaneFixture,
    private readonly pod: { answer: (request: IncomingMessage, response: ServerResponse) => void },
  ) {}

  static async start(): Promise<LeavingClient> {
    const pod = { answer: (_request: IncomingMessage, response: ServerResponse): void => void response.end() };
    return new LeavingClient(await startDataPlane((request, response) => pod.answer(request, response)), pod);
  }

  /** Milliseconds until the pod knew, for so many calls one after the other, in ascending order. */
  async leaveMany(calls: number, stream: boolean): Promise<number[]> {
    const took: number[] = [];
    for (let call = 0; call < calls; call += 1) took.push(await this.leave(stream));
    return took.sort((left, right) => left - right);
  }

  close(): Promise<void> {
    return this.fixture.close();
  }

  /** Begins a call, leaves in its middle, and gives the milliseconds until the pod knew. */
  private leave(stream: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      let leftAtMs = 0;
      const body = JSON.stringify({ model: this.fixture.model, stream, messages: [] });
      const request = httpRequest({
        host: '127.0.0.1',
        port: this.fixture.port,
        path: '/v1/chat/completions',
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${this.fixture.key}`, 'content-length': body.length },
      });
      const goAway = (): void => {
        leftAtMs = performance.now();
        request.destroy();
      };
      this.pod.answer = (_podRequest, response) => {
        response.on('close', () => resolve(performance.now() - leftAtMs));
        if (!stream) return goAway();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      };
      request.on('response', (response) => {
        response.on('error', () => undefined);
        response.once('data', goAway);
      });
      request.on('error', (error: NodeJS.ErrnoException) => (leftAtMs === 0 ? reject(error) : undefined));
      request.end(body);
    });
  }
}

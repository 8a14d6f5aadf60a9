import { createHash, type Hash } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DataPlaneFixture, startDataPlane } from './data-plane-fixture.js';

const CHUNK_BYTES = 65_536;

/** What one end sent and the other received. */
class Transfer {
  readonly sent = new Tally();
  readonly received = new Tally();
  /** The most that was on its way at any time: sent by one end, and not yet received by the other. */
  heldBytes = 0;

  sentPiece(piece: Buffer): void {
    this.sent.add(piece);
    this.heldBytes = Math.max(this.heldBytes, this.sent.bytes - this.received.bytes);
  }

  gotPiece(piece: Buffer): void {
    this.received.add(piece);
  }
}

class Tally {
  bytes = 0;
  private readonly hash: Hash = createHash('sha256');

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.hash.update(chunk);
  }

  digest(): string {
    return `${this.bytes} bytes ${this.hash.copy().digest('hex')}`;
  }
}

/** Sends bodies of any length through router and gateway, without ever having one whole itself. */
export class LargeBodies {
  private fixture: DataPlaneFixture | undefined;
  private podBytes = 0;
  private transfer: Transfer | undefined;

  async start(): Promise<void> {
    this.fixture = await startDataPlane((request, response) => void this.answer(request, response));
  }

  async close(): Promise<void> {
    await this.fixture?.close();
  }

  async upload(bytes: number): Promise<Transfer> {
    const transfer = (this.transfer = new Transfer());
    const request = this.request('POST');
    const answered = answerTo(request);
    await pipeline(Readable.from(pieces(bytes, transfer)), request);
    for await (const _chunk of await answered) continue;
    return transfer;
  }

  async download(bytes: number): Promise<Transfer> {
    const transfer = (this.transfer = new Transfer());
    this.podBytes = bytes;
    const request = this.request('GET');
    const answered = answerTo(request);
    request.end();
    for await (const chunk of await answered) transfer.gotPiece(chunk as Buffer);
    return transfer;
  }

  private request(method: string): ClientRequest {
    const { port, proxyPrefix, key } = this.fixture ?? { port: 0, proxyPrefix: '', key: '' };
    const headers = { authorization: `Bearer ${key}` };
    return httpRequest({ host: '127.0.0.1', port, path: `${proxyPrefix}/large`, method, headers, agent: false });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { transfer } = this;
    if (request.url !== '/large' || transfer === undefined) return void response.end();
    if (request.method === 'GET') return pipeline(Readable.from(pieces(this.podBytes, transfer)), response);
    for await (const chunk of request) transfer.gotPiece(chunk as Buffer);
    response.end('ok');
  }
}

function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
}

function* pieces(bytes: number, transfer: Transfer): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) {
    const piece = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - sent), sent / CHUNK_BYTES);
    transfer.sentPiece(piece);
    yield piece;
  }
}

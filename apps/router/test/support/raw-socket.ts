import { connect, type Socket } from 'node:net';

/** For what comes at once on a machine that has nothing else to do. */
const PATIENCE_MS = 45_000;

/** One connection on which bytes are written as they are. */
export class RawSocket {
  received = '';
  closed = false;
  private readonly listeners = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.tell();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.tell();
    });
  }

  static open(port: number): Promise<RawSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RawSocket(socket)));
      socket.once('error', reject);
    });
  }

  write(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** Resolves as soon as the condition holds or the connection is closed; rejects after the deadline. */
  until(condition: (received: string) => boolean, timeoutMs = PATIENCE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!this.closed && !condition(this.received)) return;
        clearTimeout(timer);
        this.listeners.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.listeners.delete(check);
        reject(new Error(`nothing came of it within ${timeoutMs} ms; received: ${this.received.slice(0, 500)}`));
      }, timeoutMs);
      this.listeners.add(check);
      check();
    });
  }

  untilClosed(timeoutMs = PATIENCE_MS): Promise<void> {
    return this.until(() => false, timeoutMs);
  }

  /** Statuses of the answers that came so far. */
  get statuses(): number[] {
    return [...this.received.matchAll(/^HTTP\/1\.1 ([0-9]{3}) /gm)].map((match) => Number(match[1]));
  }

  destroy(): void {
    this.socket.destroy();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** Sends bytes, waits for the first whole answer or the end of the connection, and ends it. */
export async function exchangeRaw(port: number, bytes: string | Buffer): Promise<RawSocket> {
  const raw = await RawSocket.open(port);
  raw.write(bytes);
  await raw.until(hasWholeAnswer);
  raw.destroy();
  return raw;
}

function hasWholeAnswer(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const length = /^content-length: ([0-9]+)/im.exec(received.slice(0, headEnd))?.[1];
  if (length !== undefined) return received.length >= headEnd + 4 + Number(length);
  return /^transfer-encoding: chunked/im.test(received.slice(0, headEnd)) ? received.endsWith('0\r\n\r\n') : true;
}

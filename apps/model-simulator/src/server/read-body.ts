import type { IncomingMessage } from 'node:http';
import { RequestRefused } from '../wire/request-refused.js';

/** Reads a whole request body of at most `bytesMax`; refuses a larger one with 413 and keeps none of it. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const tooLarge = () => new RequestRefused(413, 'request_too_large', `The request body is larger than ${bytesMax} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  return await new Promise<Buffer>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else {
        // The rest is read and dropped: a client that is still sending would not see an answer on a closed connection.
        chunks.length = 0;
        reject(tooLarge());
      }
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

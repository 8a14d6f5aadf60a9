// A pod that is not well-behaved: its streams are what the client's `kind` says, as fast as they are taken.
import { createServer } from 'node:http';
import { listen, ready } from '../bench/processes/ready.mjs';

const PIECE_BYTES = 65_536;
const repeat = (text) => Buffer.from(text.repeat(Math.floor(PIECE_BYTES / text.length)));
/** Chunks of one byte each, framed by hand. */
const oneByteChunks = (text) =>
  Buffer.from(
    [...text]
      .map((one) => `1\r\n${one}\r\n`)
      .join('')
      .repeat(Math.floor(PIECE_BYTES / 12)),
  );

const RAW = { blank_chunks: oneByteChunks('\n\n'), one_byte_chunks: oneByteChunks('x\n') };
const PIECES = {
  blank_lines: repeat('\n'),
  one_byte_frames: repeat(':\n\n'),
  tiny_json_frames: repeat('data:{}\n\n'),
  endless_line: repeat('x'),
  large_frames: repeat('data: {"choices":[{"delta":{"content":"word"}}]}\n\n'),
};

const server = createServer({ noDelay: true }, (request, response) => {
  let text = '';
  request.on('data', (chunk) => (text += chunk.length < PIECE_BYTES ? chunk : ''));
  request.on('end', () => {
    const kind = /"kind":"([a-z_]+)"/.exec(text)?.[1];
    if (kind === undefined) return response.end('{"object":"list","data":[{"id":"m"}]}');
    if (kind === 'held')
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(PIECES.large_frames.subarray(0, 49));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const { socket } = response;
    const target = RAW[kind] === undefined ? response : socket;
    const piece = RAW[kind] ?? PIECES[kind];
    const more = () => {
      while (!socket.destroyed && target.write(piece));
    };
    target.on('drain', more);
    socket.on('close', () => target.off('drain', more));
    more();
  });
});
ready({ url: `http://127.0.0.1:${await listen(server)}` });

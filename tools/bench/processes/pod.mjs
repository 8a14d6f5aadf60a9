// A model server that costs next to nothing: whole answers at once, streams of numbered frames at the pace asked for.
import { createServer } from 'node:http';
import { listen, ready, settings } from './ready.mjs';

const PORTS_DEFAULT = 1;
const ANSWER = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-0123456789',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(40) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 60, completion_tokens: 40, total_tokens: 100 },
  }),
);

function frame(number, finish = 'null') {
  return `data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"${number} word "},"finish_reason":${finish}}]}\n\n`;
}

const LAST = `data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":40,"total_tokens":100}}\n\ndata: [DONE]\n\n`;

function answer(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).latin1Slice();
    if (text.includes('"stream":true')) return stream(JSON.parse(text), response);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
    response.end(ANSWER);
  });
}

function stream({ max_tokens: frames, metadata }, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let number = 0;
  const next = () => {
    if (number === frames - 1) {
      response.end(frame(number, '"stop"') + LAST);
      clearInterval(timer);
      return;
    }
    response.write(frame(number));
    number += 1;
  };
  const timer = setInterval(next, Number(metadata.interval_ms));
  response.once('close', () => clearInterval(timer));
  next();
}

const ports = [];
for (let index = 0; index < (settings.ports ?? PORTS_DEFAULT); index += 1) {
  ports.push(await listen(createServer({ noDelay: true, keepAliveTimeout: 75_000 }, answer)));
}
ready({ ports });

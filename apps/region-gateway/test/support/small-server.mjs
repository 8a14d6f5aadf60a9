// A model server in small: asks for its key, lists its model, says what it was given, and ends when it is told to.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    model: { type: 'string' },
    gpus: { type: 'string' },
    crash: { type: 'boolean' },
    size: { type: 'string' },
    slow: { type: 'boolean' },
    child: { type: 'boolean' },
    chatty: { type: 'string' },
  },
});
console.log(`serving ${values.model} with the key ${process.env.API_KEY} and ${process.env.CUSTOMER_SECRET}`);
if (values.crash) {
  for (let line = 1; line <= 30; line += 1) console.error(`line ${line}`);
  process.exit(3);
}
const child = values.child ? spawn('sleep', ['600'], { stdio: 'ignore' }).pid : undefined;
if (values.slow) {
  // It listens once the test says so, by a file in its own directory.
  console.log('fetching 30MB/120MB');
  while (!existsSync('go')) await delay(50);
}
if (values.chatty) process.stdout.write(`${'x'.repeat(1_023)}\n`.repeat(Number(values.chatty) * 1_024));
createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  if (request.headers.authorization !== `Bearer ${process.env.API_KEY}`) return response.writeHead(401).end('{}');
  if (request.url === '/v1/models') return response.end(JSON.stringify({ data: [{ id: values.model }] }));
  return response.end(
    JSON.stringify({ pid: process.pid, child, values, cwd: process.cwd(), env: Object.keys(process.env).sort() }),
  );
}).listen(Number(values.port), '127.0.0.1');

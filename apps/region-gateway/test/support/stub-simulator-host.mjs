// Stands for the model simulator's host: obeys its commands, and ends when its parent does.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const servers = new Map();
/** Calls that end when another one says so. */
const held = [];
const say = (event) => console.log(JSON.stringify(event));

function start({ id, args, api_key: key }) {
  if (args.includes('--model=crash')) return say({ event: 'failed', id, error: 'no such model' });
  const about = { pid: process.pid, id, args, secret: process.env.SECRET_OF_GATEWAY ?? null, key, commandLine: process.argv };
  const server = createServer((request, response) => {
    if (request.url === '/about') response.end(JSON.stringify({ ...about, authorization: request.headers.authorization }));
    else if (request.url === '/slow') held.push(() => response.end('slow'));
    else if (request.url === '/let-go') response.end(String(held.splice(0).map((end) => end()).length));
    else if (request.url === '/die') kill({ id });
    else response.end('ok');
  });
  servers.set(id, server);
  server.listen(0, '127.0.0.1', () => say({ event: 'listening', id, port: server.address().port }));
}

function kill({ id }) {
  const server = servers.get(id);
  servers.delete(id);
  server?.close(() => say({ event: 'stopped', id, requests_cut: 0 }));
  server?.closeAllConnections();
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line);
    if (command.op === 'start') start(command);
    else kill(command);
  })
  .on('close', () => process.exit(0));

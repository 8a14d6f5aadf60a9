import { createServer } from 'node:net';
import { assertPortIsFree, freePort } from './ports.js';

it('gives every asker a port of its own that can be listened on', async () => {
  const ports: number[] = [];
  for (let asker = 0; asker < 300; asker += 1) ports.push(await freePort());
  expect(new Set(ports).size).toBe(ports.length);
  for (const port of ports.slice(0, 20)) await expect(assertPortIsFree('127.0.0.1', port, '--port')).resolves.toBeUndefined();
});

it('passes over a port that somebody listens on, and names the option where one was asked for', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(assertPortIsFree('127.0.0.1', port, '--port')).rejects.toThrow(`choose another with --port`);
  server.close();
});

import { PassThrough } from 'node:stream';
import { startControlListener } from '../src/host/control-listener.js';
import { readCommands } from '../src/host/read-commands.js';
import { type HostEvent, SimulatorHost } from '../src/host/simulator-host.js';
import { eventually } from './simulator.js';

const events: HostEvent[] = [];
const problems: string[] = [];
const host = new SimulatorHost((event) => events.push(event));
const input = new PassThrough();
const ended = readCommands(input, host, (problem) => problems.push(problem));

const send = (command: object): boolean => input.write(`${JSON.stringify(command)}\n`);
const eventOf = (id: string): HostEvent | undefined => events.findLast((event) => event.id === id);
const health = (port: number): Promise<number> => fetch(`http://127.0.0.1:${port}/health`).then(({ status }) => status);

afterAll(async () => {
  for (const { id } of host.list()) await host.stop(id, 0);
  input.end();
  await ended;
});

async function start(id: string, ...args: string[]): Promise<number> {
  send({ op: 'start', id, args: ['--model', id, ...args] });
  await eventually(() => eventOf(id) !== undefined);
  const event = eventOf(id);
  return event?.event === 'listening' ? event.port : 0;
}

describe('a host of simulators', () => {
  it('runs many in one process, of every category, each with a port of its own', async () => {
    const ports = [await start('a'), await start('b', '--category', 'image'), await start('c', '--category', 'video')];
    expect(new Set(ports).size).toBe(3);
    expect(await Promise.all(ports.map(health))).toEqual([200, 200, 200]);
  });

  it('kills one by its control API, and the others serve on', async () => {
    const [dead, alive] = [await start('d'), await start('e')];
    const control = await startControlListener(host, 0);
    const address = control.address();
    const base = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
    expect(await (await fetch(`${base}/control`)).json()).toMatchObject({
      simulators: expect.arrayContaining([{ id: 'd', port: dead }]) as unknown,
    });
    expect((await fetch(`${base}/control/kill?id=d`, { method: 'POST' })).status).toBe(200);
    await expect(health(dead)).rejects.toThrow();
    expect(await health(alive)).toBe(200);
    expect(eventOf('d')).toEqual({ event: 'stopped', id: 'd', requests_cut: 0 });
    expect((await fetch(`${base}/control/kill?id=d`, { method: 'POST' })).status).toBe(404);
    control.closeAllConnections();
    control.close();
  });

  it('takes a key with the command, and ends what has only begun to start', async () => {
    send({ op: 'start', id: 'h', args: ['--model', 'h'], api_key: 'secret' });
    await eventually(() => eventOf('h') !== undefined);
    const event = eventOf('h');
    const url = `http://127.0.0.1:${event?.event === 'listening' ? event.port : 0}/v1/models`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: 'Bearer secret' } })).status).toBe(200);
    send({ op: 'start', id: 'i', args: ['--model', 'i'] });
    send({ op: 'kill', id: 'i' });
    await eventually(() => eventOf('i')?.event === 'stopped');
    expect(host.list().map(({ id }) => id)).not.toContain('i');
  });

  it('says what cannot be started, and goes on', async () => {
    await start('f', '--category', 'nonsense');
    expect(eventOf('f')).toMatchObject({ event: 'failed', error: expect.stringContaining('category') as unknown });
    input.write('not JSON\n{"op":"dance","id":"x"}\n');
    await eventually(() => problems.length === 2);
    expect(await start('g')).toBeGreaterThan(0);
  });
});

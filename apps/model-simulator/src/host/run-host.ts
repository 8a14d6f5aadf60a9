import { parseArgs } from 'node:util';
import { startControlListener } from './control-listener.js';
import { readCommands } from './read-commands.js';
import { SimulatorHost } from './simulator-host.js';

const USAGE = `usage: model-simulator host [--control-port N]
Runs many simulators in one process. Commands come on stdin, one JSON object a line; the process ends with its input.
  {"op":"start","id":"pod_1","args":["--model","my-llama","--port","0"],"api_key":"…"}
  {"op":"stop","id":"pod_1","drain_ms":120000}
  {"op":"kill","id":"pod_1"}
Events go to stdout: listening (id, port), failed (id, error), stopped (id, requests_cut).
  --control-port N   also GET /control and POST /control/kill?id=ID on this port of 127.0.0.1 (0 = any free one)`;

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Runs the process `model-simulator host`, given the arguments after that word. Resolves when its input ends. */
export async function runHost(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { 'control-port': { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const host = new SimulatorHost(say);
  const controlPort = values['control-port'];
  if (controlPort !== undefined) {
    const address = (await startControlListener(host, Number(controlPort))).address();
    say({ event: 'control', port: typeof address === 'object' && address !== null ? address.port : Number(controlPort) });
  }
  // Ctrl-C reaches the whole process group; when the parent ends, so does the input.
  process.on('SIGINT', () => undefined);
  await readCommands(process.stdin, host, (problem) => say({ event: 'refused', error: problem }));
}

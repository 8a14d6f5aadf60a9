import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startService } from './start-service.js';

const CONNECTIONS = 1_500;
const CONNECT_TIMEOUT_MS = 50_000;
const queueMax = (): number => {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  } catch {
    return 0;
  }
};
const whereTheKernelAllowsIt = queueMax() > CONNECTIONS ? it : it.skip;

/** Opens connections to the port that it is given, and says how many were made. */
const CLIENT = `
  const { connect } = require('node:net');
  let made = 0;
  for (let index = 0; index < ${CONNECTIONS}; index += 1)
    connect(Number(process.argv[1]), '127.0.0.1').on('error', () => undefined).on('connect', () => {
      made += 1;
      if (made === ${CONNECTIONS}) end();
    });
  const end = () => { process.stdout.write(String(made)); process.exit(0); };
  setTimeout(end, ${CONNECT_TIMEOUT_MS / 2});
`;

describe('a service whose event loop is busy', () => {
  whereTheKernelAllowsIt('has a place for more than a thousand connections that come at once', async () => {
    const service = await startService({ name: 'busy', module: class Empty {}, host: '127.0.0.1', port: 0 });
    // Nothing is accepted until the client has ended: this process waits for it.
    const { stdout } = spawnSync(process.execPath, ['-e', CLIENT, String(service.port)], {
      encoding: 'utf8',
      timeout: CONNECT_TIMEOUT_MS,
      env: {},
    });
    await service.close();
    expect(Number(stdout)).toBe(CONNECTIONS);
  });
});

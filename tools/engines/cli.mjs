#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { installKafka, kafkaStatus, startKafka, stopKafka } from './kafka.mjs';
import { startRedis, stopRedis } from './redis.mjs';

const USAGE = `usage: node tools/engines/cli.mjs kafka install
       node tools/engines/cli.mjs kafka start|stop|status --data-dir DIR [--brokers 1|3]
       node tools/engines/cli.mjs redis start|stop --data-dir DIR`;

const log = (line) => process.stderr.write(`${line}\n`);

const commands = {
  'kafka install': () => installKafka({ log }),
  'kafka start': ({ dataDir, brokers }) => startKafka({ dataDir, brokers, log }),
  'kafka stop': ({ dataDir }) => stopKafka({ dataDir }),
  'kafka status': ({ dataDir }) => kafkaStatus({ dataDir }),
  'redis start': ({ dataDir }) => startRedis({ dataDir, log }),
  'redis stop': ({ dataDir }) => stopRedis({ dataDir }),
};

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' }, brokers: { type: 'string', default: '1' } },
  });
  const name = positionals.join(' ');
  const command = commands[name];
  const dataDir = values['data-dir'];
  if (command === undefined || (dataDir === undefined && name !== 'kafka install')) throw new Error(USAGE);
  const result = await command({ dataDir, brokers: Number(values.brokers) });
  if (result !== undefined) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `node main.mjs (--brokers HOST:PORT,… | --admin-url URL | --data-dir DIRECTORY) [options]

where from
  --brokers LIST       Kafka of a distributed product (KAFKA_BROKERS)
  --admin-url URL      the operators' API of any product, e.g. http://127.0.0.1:8081 (ECOLINK_ADMIN_URL);
                       its token is read from ECOLINK_ADMIN_TOKEN
  --data-dir DIRECTORY of a product on this machine: \`npm start\` writes .ecolink; says all of the above
what to do
  --from-beginning     forget the state and read everything that is kept
  --follow             go on with new events until Ctrl-C
  --compare            ask the operators' API for its balances, and fail when one differs
  --state FILE         balances and places (billing-state.json)
  --group NAME         Kafka consumer group, where only some are allowed
  --json               print JSON instead of a table
  --help`;

export function readOptions(args, environment) {
  const { values } = parseArgs({
    args,
    options: {
      brokers: { type: 'string' },
      'admin-url': { type: 'string' },
      'data-dir': { type: 'string' },
      'from-beginning': { type: 'boolean', default: false },
      follow: { type: 'boolean', default: false },
      compare: { type: 'boolean', default: false },
      state: { type: 'string', default: 'billing-state.json' },
      group: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  const product = values['data-dir'] === undefined ? {} : productIn(values['data-dir']);
  const url = values['admin-url'] ?? product.adminUrl ?? environment.ECOLINK_ADMIN_URL;
  const token = environment.ECOLINK_ADMIN_TOKEN ?? product.adminToken;
  const brokers =
    values.brokers ?? product.brokers ?? (values['admin-url'] === undefined ? environment.KAFKA_BROKERS : undefined);
  const api = url === undefined || token === undefined ? undefined : { url, token };
  if (brokers === undefined && api === undefined) throw new Error(`nothing to read from\n\n${HELP}`);
  if (values.compare && api === undefined) throw new Error('--compare needs --admin-url and ECOLINK_ADMIN_TOKEN, or --data-dir');
  return {
    kind: 'run',
    brokers,
    api,
    group: values.group,
    statePath: path.resolve(values.state),
    fromBeginning: values['from-beginning'],
    follow: values.follow,
    compare: values.compare,
    json: values.json,
  };
}

/** `npm start` writes credentials.json into its data directory, a cluster cluster.json. */
function productIn(directory) {
  for (const name of ['cluster.json', 'credentials.json']) {
    try {
      const {
        admin_url: adminUrl,
        admin_token: adminToken,
        kafka,
      } = JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
      return { adminUrl, adminToken, brokers: kafka?.map(({ port }) => `127.0.0.1:${port}`).join(',') };
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`no product found in ${directory}`);
}

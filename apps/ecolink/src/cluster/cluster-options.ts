import path from 'node:path';
import { parseArgs } from 'node:util';

export interface ClusterOptions {
  readonly command: (typeof COMMANDS)[number];
  /** For all commands but `up`, `down` and `status`: a service's name, e.g. `router-2`. */
  readonly service: string | undefined;
  readonly dataDirectory: string;
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly routers: number;
  readonly brokers: 1 | 3;
  /** For `start` and `restart`: variables of this one service beside those it gets anyway. */
  readonly environment: Readonly<Record<string, string>>;
}

export const CLUSTER_HELP = `npm run cluster -- up [options] | status | down | restart|start|kill|pause|resume NAME

The product as one process per service on Kafka, PostgreSQL and Redis on this machine, behind an nginx edge.

  --routers N             routers (2)
  --brokers 1|3           Kafka brokers (3)
  --port PORT             public API (8080)
  --admin-port PORT       operators' API (8081)
  --host HOST             address of both (127.0.0.1)
  --data-dir DIRECTORY    everything the cluster keeps (.ecolink-cluster)
  --env NAME=VALUE        for start and restart: one more variable of that service

\`up\` again starts what is not running. \`kill\` is kill -9, to see what happens; \`pause\` leaves it there without an answer. NAME is a service (router-1, auth-billing,
gateway-mv, …), kafka-1 to kafka-3, postgres or redis.`;

const ROUTERS_MAX = 16;
const COMMANDS = ['up', 'down', 'status', 'restart', 'start', 'kill', 'pause', 'resume'] as const;
const WITHOUT_NAME = new Set<(typeof COMMANDS)[number]>(['up', 'down', 'status']);

/** Reads the command line; throws with a sentence for a person. */
export function parseClusterCommand(args: readonly string[], environment: NodeJS.ProcessEnv): ClusterOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      routers: { type: 'string', default: '2' },
      brokers: { type: 'string', default: '3' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: environment['ECOLINK_PORT'] ?? '8080' },
      'admin-port': { type: 'string', default: environment['ECOLINK_ADMIN_PORT'] ?? '8081' },
      'data-dir': { type: 'string', default: environment['ECOLINK_CLUSTER_DATA_DIR'] ?? '.ecolink-cluster' },
      env: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  const [name, service] = positionals;
  if (values.help || name === undefined) return 'help';
  const command = COMMANDS.find((candidate) => candidate === name);
  if (command === undefined) throw new Error(`there is no command "${name}"; there are ${COMMANDS.join(', ')}`);
  if (values.brokers !== '1' && values.brokers !== '3') throw new Error(`--brokers must be 1 or 3, not "${values.brokers}"`);
  if (!WITHOUT_NAME.has(command) && service === undefined)
    throw new Error(`${command} needs the name of a service, e.g. router-1`);
  return {
    command,
    service,
    dataDirectory: path.resolve(environment['ECOLINK_WORKING_DIRECTORY'] ?? process.cwd(), values['data-dir']),
    host: values.host,
    port: integer('--port', values.port, 0, 65_535),
    adminPort: integer('--admin-port', values['admin-port'], 0, 65_535),
    routers: integer('--routers', values.routers, 1, ROUTERS_MAX),
    brokers: values.brokers === '1' ? 1 : 3,
    environment: Object.fromEntries(values.env.map(variable)),
  };
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < min || value > max)
    throw new Error(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
  return value;
}

function variable(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--env must be NAME=VALUE, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

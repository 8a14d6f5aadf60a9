import path from 'node:path';
import { parseArgs } from 'node:util';

/** What `npm start` can be told; each also as an environment variable. */
export interface StartOptions {
  readonly host: string;
  readonly port: number;
  /** Of the operators' listener; loopback unless it is given, whatever `host` is. */
  readonly adminHost: string;
  readonly adminPort: number;
  /** One for each demo region; 0 = any free port. */
  readonly gatewayPorts: readonly [number, number];
  readonly dataDirectory: string;
  readonly reset: boolean;
  readonly podNetworks: readonly string[];
  readonly publicUrl: string | undefined;
}

export type ParsedCommandLine =
  | { readonly kind: 'start'; readonly options: StartOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string };

export const HELP = `npm start -- [options]        each option also as ECOLINK_<NAME>, e.g. ECOLINK_DATA_DIR

  --host HOST             address to listen on (127.0.0.1)
  --port PORT             public API (8080)
  --admin-host HOST       address of the operators' API and metrics (127.0.0.1)
  --admin-port PORT       operators' API and metrics (8081)
  --gateway-ports A,B     region gateways mv and ga, on loopback (any free ports)
  --data-dir DIRECTORY    database, journal, credentials (.ecolink)
  --reset                 begin with an empty data directory
  --help                  this text

ECOLINK_POD_NETWORKS      CIDRs that external pods may live in (loopback and private ranges)
ECOLINK_PUBLIC_URL        the URL that clients use, where it is another than http://HOST:PORT
ECOLINK_FIRST_BYTE_TIMEOUT_SECONDS, ECOLINK_IDLE_TIMEOUT_SECONDS, ECOLINK_TOTAL_TIMEOUT_SECONDS
                          limits of a call (600, 120, 3600)`;

/** Loopback and the private ranges: on a machine of one's own, model servers are next to the product. */
const POD_NETWORKS_DEFAULT = '127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7';
const PORT_MAX = 65_535;

/** Reads the command line and the environment; the command line wins. */
export function parseCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): ParsedCommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        'admin-host': { type: 'string' },
        'admin-port': { type: 'string' },
        'gateway-ports': { type: 'string' },
        'data-dir': { type: 'string' },
        reset: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) return { kind: 'help' };
    const read = (option: Exclude<keyof typeof values, 'reset' | 'help'>, byDefault: string): string =>
      values[option] ?? environment[`ECOLINK_${option.toUpperCase().replaceAll('-', '_')}`] ?? byDefault;
    const workingDirectory = environment['ECOLINK_WORKING_DIRECTORY'] ?? process.cwd();
    return {
      kind: 'start',
      options: {
        host: read('host', '127.0.0.1'),
        port: portOf('--port', read('port', '8080')),
        adminHost: read('admin-host', '127.0.0.1'),
        adminPort: portOf('--admin-port', read('admin-port', '8081')),
        gatewayPorts: gatewayPortsOf(read('gateway-ports', '0,0')),
        dataDirectory: path.resolve(workingDirectory, read('data-dir', '.ecolink')),
        reset: values.reset ?? environment['ECOLINK_RESET'] === '1',
        podNetworks: (environment['ECOLINK_POD_NETWORKS'] ?? POD_NETWORKS_DEFAULT)
          .split(',')
          .map((network) => network.trim())
          .filter((network) => network !== ''),
        publicUrl: environment['ECOLINK_PUBLIC_URL'],
      },
    };
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
  }
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port > PORT_MAX)
    throw new Error(`${option} must be a port number from 0 to ${PORT_MAX}, not "${text}"`);
  return port;
}

function gatewayPortsOf(text: string): [number, number] {
  const ports = text.split(',').map((part) => portOf('--gateway-ports', part.trim()));
  const [first, second] = ports;
  if (ports.length !== 2 || first === undefined || second === undefined)
    throw new Error(`--gateway-ports must be two port numbers, e.g. 9101,9102, not "${text}"`);
  return [first, second];
}

// `npm run compose:env`: writes .env for docker-compose.yml, with random secrets, and a certificate where none is given.
// Plain Node >= 20 without dependencies.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `npm run compose:env [-- options]

Writes .env for \`docker compose up\`: random secrets, readable by you only. Nothing that exists is overwritten.

  --host NAME             name under which the product is called (localhost)
  --port PORT             public API (8443)
  --admin-port PORT       operators' API, on loopback (8444)
  --bind ADDRESS          address of the public API (127.0.0.1; 0.0.0.0 = everybody who can reach this machine)
  --cert FILE --key FILE  certificate chain and key, PEM; without them one is signed by itself
  --directory DIRECTORY   where .env and .tools/compose/tls go (this checkout)
  --force                 overwrite .env, and with it the secrets: an existing database keeps its old password and is lost`;

const CERTIFICATE_DAYS = '825';

/** @param {readonly string[]} args */
export function writeEnvironment(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string', default: 'localhost' },
      port: { type: 'string', default: '8443' },
      'admin-port': { type: 'string', default: '8444' },
      bind: { type: 'string', default: '127.0.0.1' },
      cert: { type: 'string' },
      key: { type: 'string' },
      directory: { type: 'string', default: fileURLToPath(new URL('../../', import.meta.url)) },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return USAGE;
  if (!/^[A-Za-z0-9.-]{1,253}$/.test(values.host))
    throw new Error(`--host must be a name or an IPv4 address, not "${values.host}"`);
  if ((values.cert === undefined) !== (values.key === undefined)) throw new Error('--cert and --key go together');
  const file = path.join(values.directory, '.env');
  if (existsSync(file) && !values.force) throw new Error(`${file} exists and was left as it is; --force overwrites it`);
  const tls = path.join(values.directory, '.tools/compose/tls');
  const said = provideCertificate(tls, values);
  writeFileSync(file, textOf(values), { mode: 0o600 });
  chmodSync(file, 0o600);
  return [`wrote ${file}`, ...said, 'next: docker compose up'].join('\n');
}

function textOf({ host, port, bind, 'admin-port': adminPort }) {
  const secret = (bytes = 24) => randomBytes(bytes).toString('hex');
  const postgresPassword = secret();
  const redisPassword = secret();
  return `# Written by npm run compose:env. Whoever reads this file owns the product: keep it out of backups that others read.
ECOLINK_PUBLIC_URL=https://${host}:${port}
ECOLINK_ADMIN_URL=https://localhost:${adminPort}
ECOLINK_BIND=${bind}
ECOLINK_HTTPS_PORT=${port}
ECOLINK_ADMIN_HTTPS_PORT=${adminPort}

# Networks of your own model servers, e.g. 10.20.0.0/16,192.168.7.12/32; without any only simulated models run.
ECOLINK_POD_NETWORKS=

ECOLINK_INTERNAL_SECRET=${secret(32)}
ECOLINK_ADMIN_TOKEN=ecoadmin_${secret()}
ECOLINK_ENCRYPTION_KEY=${secret(32)}
ECOLINK_DEMO_PASSWORD=${secret(12)}

# Engines. For others than the ones in docker-compose.yml change the URLs: postgresql://…?sslmode=verify-full, rediss://…,
# and for Kafka KAFKA_TLS=1 with KAFKA_SASL_MECHANISM=plain, scram-sha-256 or scram-sha-512.
POSTGRES_USER=ecolink
POSTGRES_PASSWORD=${postgresPassword}
DATABASE_URL=postgresql://ecolink:${postgresPassword}@postgres:5432/ecolink
REDIS_PASSWORD=${redisPassword}
REDIS_URL=redis://:${redisPassword}@redis:6379/0
KAFKA_BROKERS=kafka:19092
KAFKA_TLS=0
KAFKA_SASL_MECHANISM=plain
KAFKA_SASL_USERNAME=ecolink
KAFKA_SASL_PASSWORD=${secret()}
`;
}

/** `cert.pem`, `key.pem` for the edge; `ca.pem` for the services. Keeps those that are there unless others are given. */
function provideCertificate(directory, { host, cert, key }) {
  const files = {
    cert: path.join(directory, 'cert.pem'),
    key: path.join(directory, 'key.pem'),
    ca: path.join(directory, 'ca.pem'),
  };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const said = [];
  if (cert !== undefined) {
    copyFileSync(cert, files.cert);
    copyFileSync(key, files.key);
    said.push(`copied the certificate to ${directory}`);
  } else if (!existsSync(files.cert) || !existsSync(files.key)) {
    signForItself(host, files);
    said.push(`signed a certificate for ${host} with itself in ${directory}; clients must be told to trust ${files.ca}`);
  }
  if (cert !== undefined || !existsSync(files.ca)) copyFileSync(files.cert, files.ca);
  // The folder keeps everybody else on this machine out; nginx reads the key in its container, as a user of its own.
  for (const file of Object.values(files)) chmodSync(file, 0o644);
  return said;
}

function signForItself(host, files) {
  const isAddress = /^[0-9.]+$/.test(host);
  const names = [...new Set([`${isAddress ? 'IP' : 'DNS'}:${host}`, 'DNS:localhost', 'IP:127.0.0.1'])].join(',');
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256'];
  args.push('-days', CERTIFICATE_DAYS, '-subj', `/CN=${host.slice(0, 64)}`, '-addext', `subjectAltName=${names}`);
  args.push('-keyout', files.key, '-out', files.cert);
  const { status, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error('openssl is not installed; install it, or give --cert and --key');
  if (status !== 0) throw new Error(`openssl could not make a certificate: ${stderr.trim().slice(-500)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(writeEnvironment(process.argv.slice(2)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

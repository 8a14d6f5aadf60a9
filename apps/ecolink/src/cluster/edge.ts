import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClusterShape, portOf, routerNames } from './cluster-state.js';
import type { ServiceCommand } from './processes.js';

const TEMPLATE = fileURLToPath(new URL('../../../../tools/edge/nginx.conf.template', import.meta.url));
const INSTALL = ['apt-get', 'install', '-y', '--no-install-recommends', 'nginx-light'] as const;
const NGINX_CANDIDATES = ['nginx', '/usr/sbin/nginx'];

/** The edge in front of the routers: nginx, with the same configuration that the compose file uses. */
export async function edgeCommand(dataDirectory: string, shape: ClusterShape): Promise<ServiceCommand> {
  const nginx = findNginx() ?? installNginx();
  const directory = path.join(dataDirectory, 'edge');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const servers = (suffix: string): string =>
    routerNames(shape.routers)
      .map((name) => `server 127.0.0.1:${portOf(shape, name + suffix)} max_fails=1 fail_timeout=1s;`)
      .join('\n    ');
  const values: Record<string, string> = {
    EDGE_DIRECTORY: directory,
    ACCESS_LOG: `${path.join(directory, 'access.log')} calls`,
    ROUTERS: servers(''),
    OPERATORS: servers('-admin'),
    LISTEN: `${shape.host}:${shape.port}`,
    LISTEN_OPERATORS: `${shape.host}:${shape.admin_port}`,
    // For machines apart from each other: certificates, and names that are resolved again.
    TLS: '',
    RESOLVER: '',
  };
  const template = await readFile(TEMPLATE, 'utf8');
  const file = path.join(directory, 'nginx.conf');
  await writeFile(
    file,
    template.replace(/\$\{([A-Z_]+)\}/g, (whole, name: string) => values[name] ?? whole),
    { mode: 0o600 },
  );
  return { name: 'edge', file: nginx, args: ['-p', directory, '-c', file, ...asOneself()], environment: {} };
}

/** As root nginx would work as somebody who may not enter the cluster's directory, where it buffers large bodies. */
function asOneself(): string[] {
  return process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
}

function findNginx(): string | undefined {
  return NGINX_CANDIDATES.find((file) => spawnSync(file, ['-v']).status === 0);
}

function installNginx(): string {
  if (process.getuid?.() === 0) {
    const options = { env: { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' } };
    const install = (): boolean => spawnSync(INSTALL[0], INSTALL.slice(1), options).status === 0;
    // A machine that was never updated knows no packages.
    if (!install()) {
      spawnSync('apt-get', ['update'], options);
      install();
    }
  }
  const nginx = findNginx();
  if (nginx === undefined) throw new Error('the edge needs nginx: install the package nginx (nginx-light will do) and try again');
  return nginx;
}

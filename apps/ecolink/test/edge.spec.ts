import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { edgeCommand } from '../src/cluster/edge.js';

const INSTALL_TIMEOUT_MS = 120_000;

it(
  'the edge of a cluster gets a configuration that nginx takes, with every router in it and no name unfilled',
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'ecolink-edge-'));
    try {
      const services = { 'router-1': 40_001, 'router-1-admin': 40_002, 'router-2': 40_003, 'router-2-admin': 40_004 };
      const shape = { host: '127.0.0.1', port: 40_005, admin_port: 40_006, routers: 2, brokers: 1 as const, services };
      const command = await edgeCommand(directory, shape);
      const text = await readFile(path.join(directory, 'edge/nginx.conf'), 'utf8');
      for (const port of Object.values(services)) expect(text).toContain(`server 127.0.0.1:${port} `);
      expect(text.replaceAll(/^\s*#.*$/gm, '')).not.toContain('${');
      expect(spawnSync(command.file, ['-t', ...command.args], { encoding: 'utf8' }).stderr).toContain('successful');
    } finally {
      await rm(directory, { recursive: true });
    }
  },
  INSTALL_TIMEOUT_MS,
);

// What gateway, streams and soak are measured on: pods, the baseline, owners, gateways and a router, each its own process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from '../../engines/programs.mjs';
import { end, processTree, startProcess } from './processes.mjs';

const SECRET = 'between-router-and-gateway';
const REGIONS = ['mv', 'ga'];
export const KEY = 'eco_acc_bench';
/** Of the same account, with limits of every kind that allow what is measured. */
export const NARROW_KEY = 'eco_narrow';
export const LIMITED_KEY = 'eco_acc_limited';
/** The router takes the pod for a gateway: one hop. */
export const ONE_HOP_MODEL = 'm:8';
/** Runs in both regions. */
const MODEL = 'm:9';
const ONE_REGION_MODEL = 'm:10';
const CONNECT_TRIES = 100;
const STOP_TIMEOUT_MS = 5_000;

/** @param {{ podsPerRegion?: number, nodeOptions?: string[] }} options */
export async function startBed({ podsPerRegion = 1, nodeOptions = [] } = {}) {
  const pod = await startProcess('pod', { ports: podsPerRegion * REGIONS.length });
  const urls = pod.ready.ports.map((port) => `http://127.0.0.1:${port}`);
  const pods = Object.fromEntries(
    REGIONS.map((region, index) => [region, urls.slice(index * podsPerRegion, (index + 1) * podsPerRegion)]),
  );
  const bare = await startProcess('bare-proxy', { upstream: urls[0] });
  const owners = await startProcess('owners', { direct: urls[0], pods });
  const shared = { secret: SECRET, owners: owners.ready.url };
  const gateways = [];
  for (const region of REGIONS) {
    gateways.push(await startProcess('gateway', { ...shared, region, pods: podsPerRegion }, nodeOptions));
  }
  const gatewayUrls = Object.fromEntries(REGIONS.map((region, index) => [region, gateways[index].ready.url]));
  await fetch(`${owners.ready.url}/gateways`, { method: 'PUT', body: JSON.stringify(gatewayUrls) });
  const router = await startProcess('router', shared, nodeOptions);
  const nginx = await startNginx(urls[0]);
  const routerUrl = `http://127.0.0.1:${router.ready.port}`;
  const gatewayPids = gateways.map(({ pid }) => pid);
  const targets = [
    { name: 'a. pod', origin: urls[0], model: 'm', pids: [] },
    { name: 'b. bare proxy', origin: `http://127.0.0.1:${bare.ready.port}`, model: 'm', pids: [bare.pid] },
    { name: 'c. router, one hop', origin: routerUrl, model: ONE_HOP_MODEL, pids: [router.pid], routerPid: router.pid },
    ...(nginx === undefined ? [] : [{ name: 'd. nginx', origin: nginx.origin, model: 'm', pids: nginx.pids }]),
    {
      name: 'e. router, gateway',
      origin: routerUrl,
      model: ONE_REGION_MODEL,
      pids: [router.pid, gatewayPids[0]],
      routerPid: router.pid,
    },
  ];
  return {
    targets,
    bothRegions: { name: 'e. router, both gateways', origin: routerUrl, model: MODEL, pids: [router.pid, ...gatewayPids] },
    bare,
    router,
    gateways,
    hasNginx: nginx !== undefined,
    ownPids: [pod.pid, bare.pid, owners.pid, router.pid, ...gatewayPids, ...(nginx?.pids ?? []), process.pid],
    /** As when its machine dies. */
    killGateway: (index) => gateways[index].stop(),
    async returnGateway(index) {
      const port = Number(new URL(gateways[index].ready.url).port);
      gateways[index] = await startProcess(
        'gateway',
        { ...shared, region: REGIONS[index], pods: podsPerRegion, port },
        nodeOptions,
      );
    },
    async stop() {
      await Promise.all([router, ...gateways, owners, bare, pod].map((one) => one.stop()));
      await nginx?.stop();
    },
  };
}

/** nginx as a plain reverse proxy with kept connections, where it is on the PATH. */
async function startNginx(upstream) {
  const program = findProgram('nginx');
  if (program === undefined) return undefined;
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-bench-nginx-'));
  const port = await freePort();
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process on; worker_processes 2; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 16384; }
http {
  access_log off; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
  upstream pod { server ${upstream.replace('http://', '')}; keepalive 256; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 100000000;
    location / { proxy_pass http://pod; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}`,
  );
  const child = spawn(program, ['-p', directory, '-c', file], { stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  await untilItAnswers(origin);
  return {
    origin,
    pids: processTree(child.pid),
    async stop() {
      // Its workers end with it only where it is asked to.
      child.kill('SIGTERM');
      await Promise.race([once(child, 'exit'), delay(STOP_TIMEOUT_MS)]);
      await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilItAnswers(origin) {
  for (let attempt = 0; attempt < CONNECT_TRIES; attempt += 1) {
    if (
      await fetch(origin).then(
        () => true,
        () => false,
      )
    )
      return;
    await delay(50);
  }
  throw new Error(`${origin} does not answer`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

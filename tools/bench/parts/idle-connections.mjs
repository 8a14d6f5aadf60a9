// Ten thousand connections that do nothing, half of them in the middle of a head, and calls beside them.
import { connect } from 'node:net';
import { KEY, startBed } from '../measure/bed.mjs';
import { Client } from '../measure/load.mjs';
import { residentBytes } from '../measure/processes.mjs';
import { percentile, rounded } from '../measure/statistics.mjs';

const CONNECTIONS = 9_900;
const OPENED_AT_ONCE = 100;
const CALLS = 2_000;
const KIB = 1_024;
const KIB_PER_CONNECTION_MAX = 64;

export async function run() {
  const bed = await startBed();
  const client = new Client({ ...bed.bothRegions, key: KEY, concurrency: 8 });
  const idle = [];
  try {
    await client.callMany(CALLS);
    const before = { durations: (await client.callMany(CALLS)).durations, bytes: residentBytes(bed.router.pid) };
    const { hostname, port } = new URL(bed.bothRegions.origin);
    while (idle.length < CONNECTIONS) {
      idle.push(...(await Promise.all(Array.from({ length: OPENED_AT_ONCE }, () => open(hostname, Number(port))))));
    }
    for (const [index, socket] of idle.entries()) if (index % 2 === 0) socket.write('POST /v1/x HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const { durations } = await client.callMany(CALLS);
    return report(before, durations, residentBytes(bed.router.pid), idle.filter((socket) => !socket.destroyed).length);
  } finally {
    for (const socket of idle) socket.destroy();
    await client.close();
    await bed.stop();
  }
}

function open(host, port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => resolve(socket.on('error', () => undefined)));
    socket.once('error', reject);
  });
}

function report(before, durations, bytes, stillOpen) {
  const kibPerConnection = (bytes - before.bytes) / CONNECTIONS / KIB;
  const times = (values) => [0.5, 0.99].map((share) => rounded(percentile(values, share)));
  return {
    title: `${CONNECTIONS} idle connections, half of them in the middle of a head`,
    columns: ['', 'p50 ms', 'p99 ms'],
    rows: [
      ['before', ...times(before.durations)],
      ['beside them', ...times(durations)],
    ],
    goals: [
      {
        goal: 'every call beside them is answered',
        measured: `${durations.length} of ${CALLS}`,
        isMet: durations.length === CALLS,
      },
      { goal: 'none of them was cut to make room', measured: `${stillOpen} open`, isMet: stillOpen === CONNECTIONS },
      {
        goal: `each costs the router ≤ ${KIB_PER_CONNECTION_MAX} KiB`,
        measured: `${rounded(kibPerConnection, 1)} KiB`,
        isMet: kibPerConnection <= KIB_PER_CONNECTION_MAX,
      },
    ],
  };
}

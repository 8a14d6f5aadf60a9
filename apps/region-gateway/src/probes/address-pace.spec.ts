import { AddressPace, type PacedProbe } from './address-pace.js';
import type { ProbeAnswer } from './send-probe.js';

const OK: ProbeAnswer = { kind: 'status', status: 200 };

function paced() {
  const clock = { nowMs: 0 };
  const sent: { atMs: number; probe: PacedProbe }[] = [];
  const sleepers: { atMs: number; wake: () => void }[] = [];
  const send = async (probe: PacedProbe): Promise<ProbeAnswer> => {
    sent.push({ atMs: clock.nowMs, probe });
    return OK;
  };
  const pace = new AddressPace(
    () => clock.nowMs,
    (delayMs) => new Promise((wake) => void sleepers.push({ atMs: clock.nowMs + delayMs, wake })),
  );
  const advance = async (toMs: number) => {
    while (clock.nowMs < toMs) {
      clock.nowMs += 100;
      for (const sleeper of sleepers.filter(({ atMs }) => atMs <= clock.nowMs)) sleeper.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { ask: (pod: object, asked: PacedProbe) => pace.probe(pod, asked, send), sent, advance };
}

const probe = (overrides: Partial<PacedProbe> = {}): PacedProbe => ({
  origin: 'http://10.0.0.1:1',
  path: '/health',
  apiKey: null,
  ...overrides,
});

it('a server gets one probe of two requests a second, however many pods with keys of their own are said to be there', async () => {
  const { ask, sent, advance } = paced();
  for (let second = 0; second < 20; second += 1) {
    for (let pod = 0; pod < 60; pod += 1) void ask({}, probe({ apiKey: `key-${pod}` }));
    await advance((second + 1) * 1_000);
  }
  expect(sent.length).toBeGreaterThan(30);
  expect(sent.length).toBeLessThanOrEqual(2 * 20 + 8);
});

it('pods that ask a server the same within a second share one answer', async () => {
  const { ask, sent } = paced();
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask({}, probe())));
  expect(answers).toEqual(Array.from({ length: 60 }, () => OK));
  expect(sent).toHaveLength(1);
});

it('a pod is never given its own answer again, and its second look comes at once', async () => {
  const { ask, sent } = paced();
  const pod = {};
  await ask(pod, probe());
  await ask(pod, probe());
  expect(sent.map(({ atMs }) => atMs)).toEqual([0, 0]);
});

it('servers do not wait for each other', async () => {
  const { ask, sent } = paced();
  await Promise.all(Array.from({ length: 100 }, (_, port) => ask({}, probe({ origin: `http://10.0.0.1:${port}` }))));
  expect(sent).toHaveLength(100);
});

it('more questions than can wait are answered as by a server that does not answer in time', async () => {
  const { ask } = paced();
  const answers = Array.from({ length: 80 }, (_, pod) => ask({}, probe({ apiKey: String(pod) })));
  expect(await answers[79]).toEqual({ kind: 'timeout' });
});

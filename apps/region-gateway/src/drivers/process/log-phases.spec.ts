import type { PhaseOfLog } from '@ecolink/contracts';
import { LogPhases } from './log-phases.js';

const PHASES: readonly PhaseOfLog[] = [
  { phase: 'downloading', pattern: 'fetch.*?(?<done>[0-9.]+ ?[kMG]?i?B?)/(?<total>[0-9.]+ ?[kMG]?i?B?)', limit_seconds: 60 },
  { phase: 'downloading', pattern: '^fetching' },
  { phase: 'loading', pattern: 'loading' },
];

/** A log that grows by what is pushed to it. */
function growing(phases = PHASES) {
  let log = '';
  const files = {
    readFrom: (offset: number) => Promise.resolve({ text: log.slice(offset), offset: log.length }),
  };
  const standing = new LogPhases(phases, files, { limitSeconds: 300, offset: 0 });
  return {
    standing,
    write: async (text: string) => {
      log += text;
      return standing.read();
    },
  };
}

describe('phases told by a log', () => {
  it('come with bytes, also from a bar that is drawn over itself and a line that is not finished', async () => {
    const { standing, write } = growing();
    expect(standing.standing).toMatchObject({ phase: 'scheduled' });
    expect(await write('fetching weights\n')).toBe(true);
    expect(standing.standing).toMatchObject({ phase: 'downloading', limitSeconds: 300, doneBytes: undefined });
    await write('fetch 100 MB/1.5GB\rfetch 750 MB/1.5GB');
    expect(standing.standing).toMatchObject({ doneBytes: 750e6, totalBytes: 1.5e9, limitSeconds: 60 });
    await write('\rfetch 1GiB/2 GiB\n');
    expect(standing.standing).toMatchObject({ doneBytes: 2 ** 30, totalBytes: 2 ** 31 });
  });

  it('are never gone back to, and a line that says nothing new changes nothing', async () => {
    const { standing, write } = growing();
    await write('loading the model\n');
    expect(standing.standing.phase).toBe('loading');
    expect(await write('fetching something else\nloading more\n')).toBe(false);
    expect(standing.standing.phase).toBe('loading');
  });

  it('are "loading" from the beginning where no pattern is given', async () => {
    const { standing, write } = growing([]);
    expect(standing.standing).toMatchObject({ phase: 'loading', limitSeconds: 300 });
    expect(await write('fetching\n')).toBe(false);
  });
});

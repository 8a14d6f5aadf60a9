import { register } from 'prom-client';
import { DiskWatch } from './disk-watch.js';

const HOUR_MS = 3_600_000;

describe('DiskWatch', () => {
  function watchOf(free: { bytes: number }) {
    const logged: string[] = [];
    const note = (fields: object): void => void logged.push(Reflect.get(fields, 'event') as string);
    const watch = new DiskWatch('/data', { warn: note, error: note } as never, () =>
      Promise.resolve({ freeBytes: free.bytes, totalBytes: 100 }),
    );
    return { watch, logged };
  }

  it('warns at a fifth and again at a twentieth, each once an hour, and anew after there was room', async () => {
    const free = { bytes: 50 };
    const { watch, logged } = watchOf(free);
    await watch.look(0);
    expect(logged).toEqual([]);
    free.bytes = 19;
    await watch.look(1);
    await watch.look(2);
    expect(logged).toEqual(['disk.low']);
    free.bytes = 4;
    await watch.look(3);
    await watch.look(4);
    expect(logged).toEqual(['disk.low', 'disk.nearly_full']);
    await watch.look(3 + HOUR_MS);
    expect(logged).toEqual(['disk.low', 'disk.nearly_full', 'disk.nearly_full']);
    free.bytes = 50;
    await watch.look(4 + HOUR_MS);
    free.bytes = 19;
    await watch.look(5 + HOUR_MS);
    expect(logged.at(-1)).toBe('disk.low');
  });

  it('shows what is free when it is asked', async () => {
    const free = { bytes: 50 };
    const { watch } = watchOf(free);
    watch.start();
    watch.stop();
    expect(await register.metrics()).toContain('ecolink_disk_free_bytes{directory="/data"} 50');
    free.bytes = 40;
    expect(await register.metrics()).toContain('ecolink_disk_free_bytes{directory="/data"} 40');
  });
});

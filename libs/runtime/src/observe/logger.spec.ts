import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createGatheringLogger } from './logger.js';

const LONG = 'x'.repeat(20_000);

describe('a gathering logger', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-log-'));
  const file = path.join(directory, 'service.log');
  const before = process.env['LOG_FILE'];
  process.env['LOG_FILE'] = file;
  const { logger, writeFields } = createGatheringLogger('test');

  afterAll(() => {
    if (before === undefined) delete process.env['LOG_FILE'];
    else process.env['LOG_FILE'] = before;
    rmSync(directory, { recursive: true, force: true });
  });

  /** What each line written so far says of itself. */
  const said = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { event: string }).event);

  it('keeps the order of the calls’ lines and its own, which are written at once', () => {
    writeFields('first', '"a":1');
    writeFields('second', '"a":"ü"');
    expect(said()).toEqual([]);
    logger.info({ event: 'third' });
    expect(said()).toEqual(['first', 'second', 'third']);
  });

  it('writes what is gathered after a moment, and at once when it is much', async () => {
    writeFields('fourth', '"a":1');
    for (const deadline = Date.now() + 20_000; !said().includes('fourth') && Date.now() < deadline;) await delay(20);
    expect(said()).toContain('fourth');
    writeFields('fifth', `"a":"${LONG}"`);
    expect(said()).toContain('fifth');
  });
});

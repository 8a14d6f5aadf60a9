import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mountSmallFileSystem } from '@ecolink/testing';
import { openRotatingLog } from './log-destination.js';
import { createLogger } from './logger.js';

const KIB = 1_024;
const LINE = 'x'.repeat(900);
const small = mountSmallFileSystem(64 * KIB);
/** Writing to it, at its beginning, is an I/O error (EIO): nothing of a process is mapped there. */
const BROKEN = '/proc/self/mem';
const onLinux = existsSync(BROKEN) ? it : it.skip;
const onSmallDisk = small === undefined ? it.skip : it;

describe('the log of a process', () => {
  const directories: string[] = [];
  const temporary = (): string => {
    const directory = mkdtempSync(path.join(tmpdir(), 'ecolink-log-'));
    directories.push(directory);
    return directory;
  };
  afterAll(() => {
    small?.remove();
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });

  it('keeps two files of a bounded size, whatever is written', async () => {
    const directory = path.join(temporary(), 'log');
    await openRotatingLog({ file: path.join(directory, 'service'), bytesMax: 8 * KIB });
    const logger = createLogger('test');
    for (let line = 0; line < 200; line += 1) {
      logger.info({ event: 'line', line, text: LINE });
      await turnOfTheLoop();
    }
    await until(() => readdirSync(directory).length <= 2);
    const sizes = readdirSync(directory).map((name) => statSync(path.join(directory, name)).size);
    expect(Math.max(...sizes)).toBeLessThan(12 * KIB);
    expect(readAll(directory)).toContain('"line":199');
  });

  onSmallDisk('survives a full disk and goes on by itself when there is room again', async () => {
    const directory = small?.directory ?? '';
    const filler = path.join(directory, 'filler');
    const said: string[] = [];
    await openRotatingLog({ file: path.join(directory, 'service'), say: (text) => said.push(text) });
    const logger = createLogger('test');
    writeFileSync(filler, Buffer.alloc(40 * KIB));
    for (let line = 0; line < 40; line += 1) logger.info({ event: 'line', line, text: LINE });
    rmSync(filler);
    logger.info({ event: 'after' });
    await until(() => readAll(directory).includes('"event":"after"'));
    expect(readAll(directory)).toContain('"line":0');
    expect(said).toEqual([expect.stringMatching(/service cannot be written .*ENOSPC/)]);
  });

  onLinux('survives a broken disk, and says so once', async () => {
    const directory = path.join(temporary(), 'log');
    mkdirSync(directory);
    symlinkSync(BROKEN, path.join(directory, 'service.1.log'));
    const said: string[] = [];
    await openRotatingLog({ file: path.join(directory, 'service'), say: (text) => said.push(text) });
    const logger = createLogger('test');
    for (let line = 0; line < 5; line += 1) {
      logger.info({ event: 'line', line, text: LINE });
      await turnOfTheLoop();
    }
    expect(said).toEqual([expect.stringMatching(/service cannot be written \(Error: EIO/)]);
  });

  it('falls back to standard error where its directory cannot be made', async () => {
    const directory = temporary();
    writeFileSync(path.join(directory, 'log'), 'a file stands in the way');
    await expect(openRotatingLog({ file: path.join(directory, 'log', 'service') })).resolves.toBeUndefined();
    expect(() => createLogger('test').debug('unheard')).not.toThrow();
  });
});

function readAll(directory: string): string {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .map((name) => readFileSync(path.join(directory, name), 'utf8'))
    .join('');
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await turnOfTheLoop();
  }
}

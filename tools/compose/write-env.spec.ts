import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeEnvironment } from './write-env.mjs';

let directory: string;
const write = (...args: string[]): string => writeEnvironment(['--directory', directory, ...args]);
const text = (file = '.env'): string => readFileSync(path.join(directory, file), 'utf8');

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ecolink-compose-env-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

it('writes secrets that are new each time, for its owner only', () => {
  write();
  const first = text();
  expect(statSync(path.join(directory, '.env')).mode & 0o777).toBe(0o600);
  write('--force');
  const secrets = (env: string): string[] => env.match(/[0-9a-f]{24,}/g) ?? [];
  expect(secrets(first).length).toBeGreaterThanOrEqual(8);
  expect(secrets(text()).filter((secret) => secrets(first).includes(secret))).toEqual([]);
});

it('leaves an .env that exists as it is, unless forced', () => {
  write();
  const first = text();
  expect(() => write()).toThrow('--force');
  expect(text()).toBe(first);
});

it('signs a certificate for the host that is asked for, and keeps it when .env is written again', () => {
  write('--host', 'models.example.org');
  const pem = text('.tools/compose/tls/cert.pem');
  const certificate = new X509Certificate(pem);
  expect(certificate.checkHost('models.example.org')).toBe('models.example.org');
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(text('.tools/compose/tls/ca.pem')).toBe(pem);
  expect(statSync(path.join(directory, '.tools/compose/tls')).mode & 0o777).toBe(0o700);
  write('--force');
  expect(text('.tools/compose/tls/cert.pem')).toBe(pem);
});

it('takes a certificate that is given instead', () => {
  write('--host', 'given.example.org');
  const files = ['cert', 'key'].map((name) => path.join(directory, `.tools/compose/tls/${name}.pem`));
  const [cert = '', key = ''] = files;
  const other = mkdtempSync(path.join(tmpdir(), 'ecolink-compose-env-'));
  try {
    writeEnvironment(['--directory', other, '--cert', cert, '--key', key]);
    expect(readFileSync(path.join(other, '.tools/compose/tls/cert.pem'), 'utf8')).toBe(readFileSync(cert, 'utf8'));
  } finally {
    rmSync(other, { recursive: true });
  }
  expect(() => write('--force', '--cert', cert)).toThrow('go together');
});

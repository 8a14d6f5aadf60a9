import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCertificate, type TestCertificate } from '@ecolink/testing';
import pg from 'pg';
import { type EmbeddedPostgres, migrateDatabase, startEmbeddedPostgres } from '../src/index.js';
import { databaseContract } from './database.contract.js';

const START_TIMEOUT_MS = 120_000;

let directory: string;
let certificate: TestCertificate;
let server: EmbeddedPostgres;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-secured-'));
  const data = path.join(directory, 'postgres');
  // Made once without, for the folder and its owner: the server takes a key that is its own only.
  await (await startEmbeddedPostgres({ directory: data })).stop();
  certificate = makeCertificate(directory);
  const owner = await stat(path.join(data, 'data'));
  for (const file of [certificate.keyFile, certificate.certificateFile]) await chown(file, owner.uid, owner.gid);
  await chown(directory, owner.uid, owner.gid);
  server = await startEmbeddedPostgres({
    directory: data,
    settings: { ssl: 'on', ssl_key_file: certificate.keyFile, ssl_cert_file: certificate.certificateFile },
  });
  await refusePlainConnections(data);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function refusePlainConnections(data: string): Promise<void> {
  await writeFile(path.join(data, 'data', 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  await query(securedUrl(), 'SELECT pg_reload_conf()');
  while (
    await query(server.url, 'SELECT 1').then(
      () => true,
      () => false,
    )
  );
}

/** As an operator writes it into DATABASE_URL. */
function securedUrl({
  password,
  authority = certificate.certificateFile,
}: { password?: string; authority?: string } = {}): string {
  const url = new URL(server.url);
  if (password !== undefined) url.password = password;
  return `${url.href}?sslmode=verify-full&sslrootcert=${encodeURIComponent(authority)}`;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('a PostgreSQL that wants TLS and a password', () => {
  it('takes nobody without them, and is not taken where its certificate is nobody’s that is known', async () => {
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow(/no encryption|pg_hba/);
    await expect(query(securedUrl({ password: 'wrong' }), 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    const another = await mkdtemp(path.join(directory, 'another-'));
    const stranger = makeCertificate(another).certificateFile;
    await expect(query(securedUrl({ authority: stranger }), 'SELECT 1')).rejects.toThrow(/self-signed|certificate/);
    expect(await query(securedUrl(), 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual([{ ssl: true }]);
  });

  databaseContract(async () => {
    await migrateDatabase(securedUrl());
    return { url: securedUrl(), close: () => Promise.resolve() };
  });
});

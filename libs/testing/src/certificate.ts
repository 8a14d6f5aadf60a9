import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';

/** Files in PEM of a server on 127.0.0.1; the certificate is its own authority. */
export interface TestCertificate {
  readonly keyFile: string;
  readonly certificateFile: string;
}

/** Makes a key and a certificate of it, good for two days, in an existing directory. */
export function makeCertificate(directory: string): TestCertificate {
  const [keyFile, certificateFile] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=ecolink-test', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certificateFile],
    ...subject,
  ]);
  if (made.status !== 0) throw new Error(`openssl could not make a certificate: ${String(made.stderr ?? made.error)}`);
  return { keyFile, certificateFile };
}

/** As `NODE_EXTRA_CA_CERTS` does for a process that starts. @returns how to trust it no longer. */
export function trustCertificate({ certificateFile }: TestCertificate): () => void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, readFileSync(certificateFile, 'utf8')]);
  return () => tls.setDefaultCACertificates(before);
}

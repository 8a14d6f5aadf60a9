import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, sep } from 'node:path';
import { errorBody, HEADER, newId } from '@ecolink/contracts';
import { contentSecurityPolicy } from './content-security-policy.js';

export interface SiteMount {
  /** Without a trailing slash, e.g. `/console`. */
  readonly path: string;
  /** The page that every address below the path shows, e.g. `index.html`. */
  readonly page: string;
}

export interface StaticSiteOptions {
  /** A build: pages, `assets/` with hashed names, and `.br`/`.gz` beside what gains from it. */
  readonly directory: string;
  readonly mounts: readonly SiteMount[];
}

interface SiteFile {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly plain: Buffer;
  readonly encoded: ReadonlyMap<string, Buffer>;
}

const NONCE_MARK = '__CSP_NONCE__';
const NONCE_BYTES = 18;
/** Hashed names never mean another content. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Best first. */
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};

/**
 * Serves a built browser application. All files are read once, at the start, and found by their whole name, so that no
 * path can lead out of the directory. Returns true when it takes the request.
 */
export class StaticSite {
  private readonly files: ReadonlyMap<string, SiteFile>;

  constructor(private readonly options: StaticSiteOptions) {
    this.files = readFiles(options.directory);
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): boolean => {
    const path = pathOf(request.url ?? '/');
    const mount = this.options.mounts.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    if (mount === undefined) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(request, response, 405, `use GET`);
      return true;
    }
    const name = path.slice(mount.path.length + 1);
    const file = this.files.get(name);
    if (file !== undefined && !name.endsWith('.html')) sendFile(request, response, file);
    else if (name.startsWith('assets/')) refuse(request, response, 404, 'there is no such file in this version of the console');
    else this.sendPage(request, response, mount.page);
    return true;
  };

  private sendPage(request: IncomingMessage, response: ServerResponse, page: string): void {
    const file = this.files.get(page);
    if (file === undefined) return refuse(request, response, 404, 'the console is not part of this build');
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const html = file.plain.toString('utf8').replaceAll(NONCE_MARK, nonce);
    send(request, response, 200, Buffer.from(html), {
      'content-type': file.type,
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(nonce),
      'cross-origin-opener-policy': 'same-origin',
    });
  }
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: SiteFile): void {
  const headers = { 'content-type': file.type, 'cache-control': file.cacheControl, etag: file.etag, vary: 'accept-encoding' };
  if (request.headers['if-none-match'] === file.etag) return send(request, response, 304, undefined, headers);
  const accepted = request.headers['accept-encoding'] ?? '';
  const encoding = ENCODINGS.find(
    ({ name }) => file.encoded.has(name) && new RegExp(`(^|[ ,])${name}(?!;q=0(\\.0*)?($|[ ,]))`).test(accepted),
  );
  const body = encoding === undefined ? undefined : file.encoded.get(encoding.name);
  if (encoding === undefined || body === undefined) return send(request, response, 200, file.plain, headers);
  send(request, response, 200, body, { ...headers, 'content-encoding': encoding.name });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Buffer | undefined,
  headers: Readonly<Record<string, string>>,
): void {
  const given = request.headers[HEADER.requestId];
  response.writeHead(status, {
    ...headers,
    ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    [HEADER.requestId]: typeof given === 'string' ? given : newId('req'),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  request.resume();
}

function refuse(request: IncomingMessage, response: ServerResponse, status: 404 | 405, message: string): void {
  const code = status === 404 ? 'not_found' : 'invalid_request';
  send(request, response, status, Buffer.from(JSON.stringify(errorBody({ code, message }))), {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
}

/** The path decoded once; one that does not decode names no file. */
function pathOf(url: string): string {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function readFiles(directory: string): Map<string, SiteFile> {
  const files = new Map<string, SiteFile>();
  if (!existsSync(directory)) return files;
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length).split(sep).filter(Boolean).join('/'));
  for (const name of names) {
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (type === undefined) continue;
    const plain = readFileSync(join(directory, name));
    const encoded = ENCODINGS.filter(({ ending }) => names.includes(`${name}${ending}`)).map(
      ({ name: encoding, ending }) => [encoding, readFileSync(join(directory, `${name}${ending}`))] as const,
    );
    files.set(name, {
      type,
      plain,
      encoded: new Map(encoded),
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      cacheControl: name.startsWith('assets/') ? IMMUTABLE : 'no-cache',
    });
  }
  return files;
}

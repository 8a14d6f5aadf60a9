import { waitFor, type WaitOptions } from '../wait-for.js';
import type { ProductCredentials } from './credentials.js';

export interface RequestOptions {
  readonly method?: string;
  readonly key?: string | undefined;
  /** Sent as JSON, unless it is a string already. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A whole answer. `body` is the parsed JSON, or the text where it is none. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what comes over the wire is looked at by the test, not trusted
  readonly body: any;
}

/** Calls the public and the operators' HTTP API of a product, wherever it runs. */
export class ProductClient {
  /** Without `/v1`. */
  readonly root: string;

  constructor(readonly credentials: ProductCredentials) {
    this.root = credentials.api_base_url.replace(/\/v1$/, '');
  }

  /** Routers that take turns behind the public port: what one knows, the next one may hear a moment later. */
  get routers(): number {
    return this.credentials.routers?.length ?? 1;
  }

  /** Waits until the probe holds as many times in a row as there are routers, so at each of them. */
  everywhere(probe: () => Promise<boolean>, options: WaitOptions): Promise<unknown> {
    let inRow = 0;
    return waitFor(async () => {
      inRow = (await probe()) ? inRow + 1 : 0;
      return inRow >= this.routers;
    }, options);
  }

  /** A request to the public port, with the demo account's key unless another, or `undefined`, is given. */
  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    return await readAnswer(await this.open(path, options));
  }

  /** The same, with the body still to be read. */
  open(path: string, options: RequestOptions = {}): Promise<Response> {
    const key = 'key' in options ? options.key : this.credentials.api_key;
    return send(`${this.root}${path}`, { ...options, key });
  }

  /** A management call; with the demo account's management key unless another is given. */
  management(method: string, path: string, body?: unknown, key = this.credentials.management_key): Promise<Answer> {
    return this.request(`/api/v1${path}`, { method, key, body });
  }

  /** An operators' call. */
  async admin(method: string, path: string, body?: unknown): Promise<Answer> {
    const { admin_url: url, admin_token: key } = this.credentials;
    return await readAnswer(await send(`${url}/admin/v1${path}`, { method, key, body }));
  }
}

/** The answer of a step that a test needs rather than tests: anything but a 2xx throws. */
export async function mustSucceed(answer: Promise<Answer>): Promise<Answer> {
  const { status, text, ...rest } = await answer;
  if (status >= 300) throw new Error(`a step of the test's preparation answered ${status}: ${text.slice(0, 500)}`);
  return { status, text, ...rest };
}

function send(url: string, { method, key, body, headers, signal }: RequestOptions): Promise<Response> {
  return fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

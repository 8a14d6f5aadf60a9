import { ApiError, type ErrorCode, ERRORS, HEADER } from '@ecolink/contracts';
import { type Dispatcher, Pool } from 'undici';

export type QueryValues = Readonly<Record<string, string | number | undefined>>;

const CONNECT_TIMEOUT_MS = 1_000;
const ANSWER_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 16;

/** Internal HTTP of one owner, with the shared secret. Errors arrive as the `ApiError` that the owner threw. */
export class InternalClient {
  private readonly pool: Pool;

  constructor(
    readonly baseUrl: string,
    private readonly secret: string,
    /** Who asks, as headers. */
    private readonly identity: () => Readonly<Record<string, string>> = () => ({}),
  ) {
    this.pool = new Pool(baseUrl, {
      connections: CONNECTIONS_MAX,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  get(path: string, query: QueryValues = {}): Promise<unknown> {
    return this.call('GET', withQuery(path, query));
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.call('POST', path, body);
  }

  put(path: string, body: unknown): Promise<unknown> {
    return this.call('PUT', path, body);
  }

  async delete(path: string): Promise<void> {
    await this.call('DELETE', path);
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async call(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<unknown> {
    const headers: Record<string, string> = { ...this.identity(), [HEADER.internalSecret]: this.secret };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await this.request({ method, path, headers, body: body === undefined ? null : JSON.stringify(body) });
    const text = await answer.body.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    if (answer.statusCode >= 400) throw errorOf(parsed, answer.statusCode, this.baseUrl);
    return parsed;
  }

  private async request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await this.pool.request(options);
    } catch (error) {
      throw new ApiError('service_unavailable', `a part of the product is not reachable at the moment (${messageOf(error)})`, {
        retryAfterSeconds: 1,
      });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}

function withQuery(path: string, query: QueryValues): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

function errorOf(body: unknown, status: number, baseUrl: string): Error {
  const error = (body as { error?: { code?: unknown; message?: unknown; param?: unknown } } | undefined)?.error;
  if (typeof error?.code === 'string' && error.code in ERRORS && typeof error.message === 'string') {
    return new ApiError(error.code as ErrorCode, error.message, typeof error.param === 'string' ? { param: error.param } : {});
  }
  return new Error(`${baseUrl} answered ${status}`);
}

/** A request the simulator refuses; becomes an answer in OpenAI's error shape. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param: string | null = null,
  ) {
    super(message);
  }
}

/** OpenAI's error body, which its SDKs parse. */
export function openAiError(status: number, code: string, message: string, param: string | null = null): object {
  return { error: { message, type: status >= 500 ? 'server_error' : 'invalid_request_error', param, code } };
}

import type { ServerResponse } from 'node:http';
import { errorBody, type ErrorCode, type GatewayErrorKind, HEADER } from '@ecolink/contracts';
import { discardUpload } from '@ecolink/proxy';

/** Why no pod answered, and whether one may have got the request. */
export interface GatewayFailure {
  readonly kind: GatewayErrorKind;
  readonly sent: boolean;
  readonly message: string;
  /** The pod that may have got it. */
  readonly pod?: string | undefined;
}

const STATUS_AND_CODE: Readonly<Record<GatewayErrorKind, { readonly status: number; readonly code: ErrorCode }>> = {
  connect_failed: { status: 502, code: 'upstream_error' },
  connection_lost: { status: 502, code: 'upstream_error' },
  no_pod: { status: 503, code: 'no_healthy_pod' },
  busy: { status: 503, code: 'no_healthy_pod' },
  timeout: { status: 504, code: 'upstream_timeout' },
};

export function answerFailure(response: ServerResponse, region: string, failure: GatewayFailure): void {
  const { status, code } = STATUS_AND_CODE[failure.kind];
  answer(response, region, status, code, failure.message, {
    [HEADER.gatewayError]: failure.kind,
    [HEADER.sent]: failure.sent ? 'yes' : 'no',
    ...(failure.pod === undefined ? {} : { [HEADER.pod]: failure.pod }),
  });
}

/** Refuses a call that is malformed or not from a router of ours. */
export function answerRefusal(response: ServerResponse, region: string, status: number, code: ErrorCode, message: string): void {
  answer(response, region, status, code, message, { [HEADER.sent]: 'no' });
}

function answer(
  response: ServerResponse,
  region: string,
  status: number,
  code: ErrorCode,
  message: string,
  headers: Record<string, string>,
): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(errorBody({ code, message })));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    [HEADER.region]: region,
    ...headers,
  });
  response.end(body);
  discardUpload(response.req);
}

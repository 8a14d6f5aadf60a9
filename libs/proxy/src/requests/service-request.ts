import { IncomingMessage, type ServerResponse } from 'node:http';
import { headerValue, headerValues, type RawHeaders } from '@ecolink/contracts';

/**
 * A request whose headers are made into an object only for somebody who wants it. Node's server makes one of every request
 * to look at two of them, which costs more than all that a region gateway does itself; who serves calls reads the few names
 * it needs from `rawHeaders`.
 */
export class ServiceRequest extends IncomingMessage {
  /** False while Node decides whether the request is one at all; until then it sees what it looks at, and nothing else. */
  areHeadersFull = false;
}

const headersOfNode = Object.getOwnPropertyDescriptor(IncomingMessage.prototype, 'headers');

// TypeScript knows `headers` as a field, which a class may not override with an accessor.
Object.defineProperty(ServiceRequest.prototype, 'headers', {
  get(this: ServiceRequest): unknown {
    return this.areHeadersFull ? headersOfNode?.get?.call(this) : new EarlyHeaders(this.rawHeaders);
  },
  set(this: ServiceRequest, value: unknown) {
    headersOfNode?.set?.call(this, value);
  },
});

/** What Node's server looks at before it hands a request over. */
class EarlyHeaders {
  constructor(private readonly raw: RawHeaders) {}

  get host(): string | undefined {
    return headerValue(this.raw, 'host');
  }

  get expect(): string | undefined {
    return this.joined('expect');
  }

  get te(): string | undefined {
    return this.joined('te');
  }

  private joined(name: string): string | undefined {
    return headerValue(this.raw, name) === undefined ? undefined : headerValues(this.raw, name).join(', ');
  }
}

/** Wraps a server's listener, so that it and everything behind it has whole headers. */
export function withFullHeaders(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): (request: ServiceRequest, response: ServerResponse) => void {
  return (request, response) => {
    request.areHeadersFull = true;
    listener(request, response);
  };
}

import { RequestRefused } from '../wire/request-refused.js';

export interface FormFile {
  readonly name: string;
  readonly fileName: string;
  readonly content: Buffer;
}

export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly FormFile[];
}

const CRLF = '\r\n';
const PARTS_MAX = 100;

/** Reads a whole `multipart/form-data` body; refuses anything else with 400. */
export function parseForm(body: Buffer, contentType = ''): Form {
  const boundary = /^multipart\/form-data\b.*;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) throw new RequestRefused(400, 'invalid_request', 'The body must be multipart/form-data.');
  const fields: Record<string, string> = {};
  const files: FormFile[] = [];
  for (const part of partsOf(body, name)) {
    const headEnd = part.indexOf(CRLF + CRLF);
    const head = part.toString('utf8', 0, Math.max(headEnd, 0));
    const partName = /;\s*name="([^"]*)"/i.exec(head)?.[1];
    if (headEnd === -1 || partName === undefined) throw broken();
    const content = part.subarray(headEnd + 4);
    const fileName = /;\s*filename="([^"]*)"/i.exec(head)?.[1];
    if (fileName !== undefined) files.push({ name: partName, fileName, content });
    else if (!Object.hasOwn(fields, partName))
      Object.defineProperty(fields, partName, { value: content.toString('utf8'), enumerable: true });
  }
  return { fields, files };
}

function partsOf(body: Buffer, boundary: string): Buffer[] {
  const delimiter = `${CRLF}--${boundary}`;
  const text = Buffer.concat([Buffer.from(CRLF), body]);
  const parts: Buffer[] = [];
  let at = text.indexOf(delimiter);
  while (at !== -1 && parts.length < PARTS_MAX) {
    const start = at + delimiter.length;
    if (text.toString('latin1', start, start + 2) === '--') return parts;
    const end = text.indexOf(delimiter, start);
    if (end === -1) break;
    parts.push(text.subarray(start + CRLF.length, end));
    at = end;
  }
  throw broken();
}

function broken(): RequestRefused {
  return new RequestRefused(400, 'invalid_request', 'The multipart body is broken.');
}

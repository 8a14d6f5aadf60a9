/** What the headers of a part say of it. */
export interface PartHead {
  /** Undefined where the part has none, and so is no field of a form. */
  readonly name: string | undefined;
  /** Given for files. */
  readonly fileName: string | undefined;
}

const DISPOSITION_PATTERN = /(?:^|\r\n)content-disposition[ \t]*:([^\r\n]*)/i;
const PARAMETER_PATTERN = /;[ \t]*([a-z*]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;" \t]*))/gi;

/** Reads the head of a part, given as latin1 text. */
export function parsePartHead(head: string): PartHead {
  const disposition = DISPOSITION_PATTERN.exec(head)?.[1] ?? '';
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of disposition.matchAll(PARAMETER_PATTERN)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(["\\])/g, '$1') ?? plain ?? '');
  }
  return { name: parameters.get('name'), fileName: parameters.get('filename') ?? parameters.get('filename*') };
}

const BOUNDARY_PATTERN = /;[ \t]*boundary[ \t]*=[ \t]*(?:"([^"]{1,256})"|([^;", \t]{1,256}))/i;

/** The boundary that a `content-type` names; undefined where it is no `multipart/form-data`, or names none. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^[ \t]*multipart\/form-data[ \t]*(?:;|$)/i.test(contentType)) return undefined;
  const found = BOUNDARY_PATTERN.exec(contentType);
  return found?.[1] ?? found?.[2];
}

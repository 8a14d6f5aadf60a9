/** A pod's URL taken apart once: what undici connects to and what stands before every path. */
export interface PodAddress {
  readonly origin: string;
  /** Without a trailing slash; empty at the root. */
  readonly pathPrefix: string;
}

/** @throws TypeError when the URL is none, or neither http nor https. */
export function parsePodAddress(url: string): PodAddress {
  const parsed = new URL(url);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') throw new TypeError('a pod is reached by http or https');
  return { origin: parsed.origin, pathPrefix: parsed.pathname.replace(/\/+$/, '') };
}

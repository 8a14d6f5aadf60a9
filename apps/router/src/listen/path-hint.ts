/**
 * What a client that called an unknown path may have meant; undefined where nothing suggests itself.
 * @param isServed whether a path is one of the public API's.
 */
export function pathHint(path: string, isServed: (path: string) => boolean): string | undefined {
  if (/^\/v1\/responses\/./.test(path))
    return 'responses are made and streamed but not stored here: send the whole conversation with each POST /v1/responses';
  const bare = path.replace(/\/+$/, '');
  if (bare !== path && isServed(bare)) return `it is ${bare}, without a slash at its end`;
  if (isServed(`/v1${bare}`)) return `it is /v1${bare}: let the client's base URL end in /v1`;
  const once = bare.replace(/^(\/v1)+(?=\/v1\/)/, '');
  if (once !== bare && isServed(once)) return `it is ${once}: this client adds /v1 itself, so leave it out of its base URL`;
  return undefined;
}

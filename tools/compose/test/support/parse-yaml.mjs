import { load } from 'js-yaml';

/** Anchors and merges are resolved. */
export function parseYaml(text) {
  return load(text);
}

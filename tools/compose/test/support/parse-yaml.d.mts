/** Anchors and merges are resolved. */
export function parseYaml(text: string): unknown;

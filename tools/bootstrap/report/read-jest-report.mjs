import { readFileSync } from 'node:fs';

/** Jest's `--json` file, or undefined where Jest died before it wrote a whole one. */
export function readJestReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

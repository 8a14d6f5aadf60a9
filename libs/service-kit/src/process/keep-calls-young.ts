import { setFlagsFromString } from 'node:v8';

/**
 * For processes that calls go through. V8 watches what outlives a short collection and from then on makes such objects
 * where only long collections look. At the start of a load it can take a small array of a call for one of them, and then
 * everything a call has touched lives as long as that array: short collections take ten times as long, for minutes.
 */
export function keepCallsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

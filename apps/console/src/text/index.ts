import { en } from './en/index.js';

/** What a second language has to hold. */
export type Texts = typeof en;

/** Every word the console says. Components take their strings from here and write none of their own. */
export const text: Texts = en;

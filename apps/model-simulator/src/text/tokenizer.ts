/**
 * A simple lossless tokenizer: the pieces of a text, joined, are the text.
 *
 *   piece = [space] 1*4 letters-or-marks / [space] 1*4 digits / [space] 1 other character / 1*4 white space
 *
 * One leading space belongs to the piece it precedes, as in real subword vocabularies. A character is a code point, so that no
 * piece splits a surrogate pair.
 */
const PIECE_CHARACTERS_MAX = 4;

type CharacterClass = 'letter' | 'digit' | 'space' | 'other';

/** Counts the pieces of a text without building them. */
export function countTokens(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at = pieceEnd(text, at)) count += 1;
  return count;
}

/** Splits a text into its pieces, at most `piecesMax` of them. */
export function splitTokens(text: string, piecesMax = Number.POSITIVE_INFINITY): string[] {
  const pieces: string[] = [];
  let at = 0;
  while (at < text.length && pieces.length < piecesMax) {
    const end = pieceEnd(text, at);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function pieceEnd(text: string, start: number): number {
  let at = start;
  if (text[at] === ' ' && at + 1 < text.length && classAt(text, at + 1) !== 'space') at += 1;
  const first = classAt(text, at);
  at += widthAt(text, at);
  if (first === 'other') return at;
  for (let taken = 1; taken < PIECE_CHARACTERS_MAX && at < text.length && classAt(text, at) === first; taken += 1) {
    at += widthAt(text, at);
  }
  return at;
}

function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function classAt(text: string, at: number): CharacterClass {
  const code = text.codePointAt(at) ?? 0;
  if (code < 128) return asciiClass(code);
  const character = String.fromCodePoint(code);
  if (/[\p{L}\p{M}]/u.test(character)) return 'letter';
  if (/\p{N}/u.test(character)) return 'digit';
  return /\s/u.test(character) ? 'space' : 'other';
}

function asciiClass(code: number): CharacterClass {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return 'letter';
  if (code >= 48 && code <= 57) return 'digit';
  return code === 32 || (code >= 9 && code <= 13) ? 'space' : 'other';
}

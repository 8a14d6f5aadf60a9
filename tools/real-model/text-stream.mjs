/** A character takes at most four tokens of one byte; what is still incomplete then is not a character. */
const INCOMPLETE_TOKENS_MAX = 4;
/** How many tokens of the past the tokenizer wants to see to place spaces rightly. */
const PAST_TOKENS = 8;
const INCOMPLETE = '\uFFFD';

/**
 * Turns tokens into text that may go out: no half characters, and nothing that could still become a stop sequence.
 * `trimStart` drops white space before the first word. `push` gives the text to send and whether a stop sequence was met; `end` gives what was held back.
 */
export function createTextStream({ textOf, stop, trimStart = false }) {
  let leading = trimStart;
  let past = [];
  let pending = [];
  let held = '';
  return {
    push(token) {
      pending.push(token);
      const text = textOf(pending, past);
      if (text.endsWith(INCOMPLETE) && pending.length < INCOMPLETE_TOKENS_MAX) return { text: '', stopped: false };
      past = [...past, ...pending].slice(-PAST_TOKENS);
      pending = [];
      held += leading ? text.trimStart() : text;
      leading &&= held === '';
      const cut = firstOf(held, stop);
      if (cut !== undefined) {
        const sent = held.slice(0, cut);
        held = '';
        return { text: sent, stopped: true };
      }
      const kept = beginningOf(held, stop);
      const sent = held.slice(0, held.length - kept);
      held = held.slice(held.length - kept);
      return { text: sent, stopped: false };
    },
    end() {
      const rest = held + (pending.length === 0 ? '' : textOf(pending, past));
      held = '';
      pending = [];
      return rest;
    },
  };
}

function firstOf(text, stop) {
  const found = stop.map((sequence) => text.indexOf(sequence)).filter((index) => index >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** How many characters at the end of the text are the beginning of a stop sequence. */
function beginningOf(text, stop) {
  let longest = 0;
  for (const sequence of stop) {
    for (let length = Math.min(sequence.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(sequence.slice(0, length))) longest = length;
    }
  }
  return longest;
}

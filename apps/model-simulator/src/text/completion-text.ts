const GIST_CHARACTERS_MAX = 200;
const COUNT_MAX = 1000;

/**
 * The reply to a prompt: the same for the same input, and always recognisable as simulated.
 * `choiceIndex` tells the choices of one request apart.
 */
export function completionText(prompt: string, model: string, choiceIndex: number): string {
  const variant = choiceIndex === 0 ? '' : ` (choice ${choiceIndex + 1})`;
  const countTo = countRequested(prompt);
  if (countTo !== undefined) {
    const numbers = Array.from({ length: countTo }, (_, index) => index + 1).join(', ');
    return `EcoLink's simulated model${variant} counts to ${countTo}: ${numbers}.`;
  }
  return (
    `I am EcoLink's simulated model${variant}, standing in for "${model}". ${echoOf(prompt)} ` +
    'No real model ran: this reply only repeats your message, to show how streaming, usage and routing behave.'
  );
}

/** What the model thinks aloud where that is asked for. */
export function reasoningText(prompt: string): string {
  return `${echoOf(prompt)} No real model thinks here, so there is nothing to weigh: I repeat the message.`;
}

/** Sentence number `index`, for a request that asks for more tokens than the reply has. */
export function fillerSentence(index: number): string {
  return ` This is simulated sentence ${index + 1}.`;
}

function countRequested(prompt: string): number | undefined {
  const digits = /\bcount\s+(?:up\s+)?(?:from\s+1\s+)?to\s+(\d{1,4})\b/i.exec(prompt.slice(0, 4 * GIST_CHARACTERS_MAX))?.[1];
  const count = Number(digits ?? 0);
  return count >= 1 && count <= COUNT_MAX ? count : undefined;
}

function echoOf(prompt: string): string {
  // A bounded prefix, so that a huge prompt costs no more than a long one.
  const collapsed = prompt
    .slice(0, 8 * GIST_CHARACTERS_MAX)
    .replace(/\s+/gu, ' ')
    .trim();
  if (collapsed === '') return 'You sent no text.';
  const characters = Array.from(collapsed);
  const gist = characters.slice(0, GIST_CHARACTERS_MAX).join('').trimEnd();
  return `You said: "${gist}${characters.length > GIST_CHARACTERS_MAX ? '…' : ''}".`;
}

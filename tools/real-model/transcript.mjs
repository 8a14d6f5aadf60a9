const SPEAKERS = { system: 'Instructions', developer: 'Instructions', user: 'User', assistant: 'Assistant' };

/** Where the model begins somebody's next words by itself, its answer is over. */
export const CHAT_STOP = ['\nUser:', '\nAssistant:'];

export function isRole(role) {
  return typeof role === 'string' && Object.hasOwn(SPEAKERS, role);
}

/** A chat as the beginning of a transcript: the weights are a base model, which continues texts and knows no chat format. */
export function writeTranscript(messages) {
  return [...messages.map(({ role, text }) => `${SPEAKERS[role]}: ${text}`), 'Assistant:'].join('\n');
}

import type { Answer } from '@ecolink/testing';

export interface StreamRead {
  readonly text: string;
  /** The `data` of every frame, in order, without `[DONE]`. */
  readonly frames: readonly Answer['body'][];
  readonly isDone: boolean;
  /** What the deltas say together. */
  readonly content: string;
}

/** Reads a server-sent event stream to its end. */
export async function readStream(response: Response): Promise<StreamRead> {
  return parseStream(await response.text());
}

export function parseStream(text: string): StreamRead {
  const data = text
    .split(/\r?\n\r?\n/)
    .flatMap((frame) => (frame.startsWith('data:') ? [frame.slice('data:'.length).trim()] : []));
  const frames = data.filter((item) => item !== '[DONE]').map((item): Answer['body'] => JSON.parse(item));
  const content = frames.map((frame) => frame.choices?.[0]?.delta?.content ?? frame.choices?.[0]?.text ?? '').join('');
  return { text, frames, isDone: data.at(-1) === '[DONE]', content };
}

/** Reads a stream until so many bytes' worth of events have come, and leaves it open. */
export async function readUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  isEnough: (text: string) => boolean,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  while (!isEnough(text)) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  return text;
}

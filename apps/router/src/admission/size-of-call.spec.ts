import { INFERENCE_ENDPOINTS } from '../apis/endpoints.js';
import { sizeOf } from './size-of-call.js';

function sizeAt(path: string, fields: Record<string, unknown>): ReturnType<typeof sizeOf> {
  const api = INFERENCE_ENDPOINTS.get(path);
  const read = api?.readBody(Buffer.from(JSON.stringify({ model: 'm', ...fields })));
  if (api === undefined || read?.kind !== 'body') throw new Error(path);
  return sizeOf(read.body, api);
}

describe('sizeOf', () => {
  it('holds output for answers of text, images for pictures, sound for speech', () => {
    expect(sizeAt('/v1/chat/completions', { messages: [], n: 2 })).toMatchObject({ hasOutput: true, answers: 2n });
    expect(sizeAt('/v1/embeddings', { input: ['a', 'b'] })).toMatchObject({ hasOutput: false, prompts: 2 });
    expect(sizeAt('/v1/images/generations', { prompt: 'a', n: 3 })).toMatchObject({ hasOutput: false, media: { images: 3 } });
    expect(sizeAt('/v1/audio/speech', { input: 'abcd' })).toMatchObject({ media: { audio_milliseconds: 1_600 } });
  });

  it('holds the request alone for a count of tokens, so that many at once need no balance for answers', () => {
    expect(sizeAt('/v1/messages/count_tokens', { messages: [] })).toBeNull();
  });
});

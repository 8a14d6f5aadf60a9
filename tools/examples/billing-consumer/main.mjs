// Balances and usage of every account, kept from EcoLink's billing events. See README.md.
import { Book } from './book.mjs';
import { findDifferences } from './compare.mjs';
import { HttpSource } from './http-source.mjs';
import { KafkaSource } from './kafka-source.mjs';
import { OperatorsApi } from './operators-api.mjs';
import { HELP, readOptions } from './options.mjs';
import { reportOf, tableOf } from './report.mjs';
import { loadState, removeState, saveState } from './state-file.mjs';
import { BILLING_TOPICS } from './topics.mjs';

const SAVE_INTERVAL_MS = 1_000;

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.kind === 'help') console.log(HELP);
  else process.exitCode = await run(options);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Exit code: 1 when something could not be read, or a balance is not the product's. */
async function run(options) {
  const api = options.api && new OperatorsApi(options.api);
  const source = await openSource(options, api);
  const stop = stopSignal();
  if (options.fromBeginning) removeState(options.statePath);
  const book = new Book(source.name, loadState(options.statePath));
  const save = savesOf(book, options.statePath);
  const saving = setInterval(save, SAVE_INTERVAL_MS);
  let differences = [];
  try {
    const read = (follow) => source.read({ topics: BILLING_TOPICS, book, follow, signal: stop });
    await read(options.follow);
    if (options.compare) differences = await findDifferences({ book, api, read: () => read(false) });
  } finally {
    // What was taken until an error is right, and need not be read again.
    clearInterval(saving);
    save();
    await source.close();
  }
  print(book, options, differences);
  return book.problems.count + differences.length > 0 ? 1 : 0;
}

function openSource({ brokers, group }, api) {
  return brokers === undefined ? new HttpSource(api) : KafkaSource.open({ brokers, group, environment: process.env });
}

/** Saves when something changed since the last time. The book changes between two turns of the event loop, never during one. */
function savesOf(book, path) {
  let saved = 0;
  return () => {
    if (book.changes === saved) return;
    saveState(path, book);
    saved = book.changes;
  };
}

function stopSignal() {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
  return stop.signal;
}

function print(book, { compare, json }, differences) {
  if (json) {
    console.log(JSON.stringify({ ...reportOf(book), ...(compare ? { differences } : {}) }, null, 2));
    return;
  }
  console.log(tableOf(book));
  for (const text of book.problems.first) console.error(`problem: ${text}`);
  for (const text of differences) console.error(`differs: ${text}`);
  if (compare && differences.length === 0) console.log('\nEvery balance is exactly the product\u2019s.');
}

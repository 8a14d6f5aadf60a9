// `npm run events`: reads the events of a topic through the operators' API, one JSON object per line, on either engine.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const HELP = `npm run --silent events -- --topic TOPIC [options]

  --topic TOPIC        e.g. ecolink.usage.recorded.v1, ecolink.ledger.posted.v1
  --from-beginning     everything that is kept (the default without --follow)
  --after ID           what follows the event with this id, or this cursor
  --follow             go on with new events until Ctrl-C; alone: only new ones
  --data-dir DIRECTORY of a running product (.ecolink)
  --help`;

const PAGE_EVENTS = 500;
const POLL_MS = 250;

const { values } = parseArgs({
  options: {
    topic: { type: 'string' },
    'from-beginning': { type: 'boolean', default: false },
    after: { type: 'string' },
    follow: { type: 'boolean', default: false },
    'data-dir': { type: 'string', default: process.env.ECOLINK_DATA_DIR ?? '.ecolink' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  process.stdout.on('error', () => process.exit(0));
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}

async function main() {
  if (values.topic === undefined) throw new Error(`--topic is missing\n\n${HELP}`);
  const credentials = readCredentials();
  const onlyNew = values.follow && !values['from-beginning'] && values.after === undefined;
  let after = onlyNew ? await readAll(credentials, values.after, () => undefined) : values.after;
  do {
    after = await readAll(credentials, after, (event) => process.stdout.write(`${JSON.stringify(event)}\n`));
    if (values.follow) await delay(POLL_MS);
  } while (values.follow);
}

/** Reads until there is nothing more; gives the place to go on from. */
async function readAll(credentials, from, onEvent) {
  let after = from;
  for (;;) {
    const query = new URLSearchParams({
      topic: values.topic,
      limit: String(PAGE_EVENTS),
      ...(after === undefined ? {} : { after }),
    });
    const response = await fetch(`${credentials.admin_url}/admin/v1/events?${query}`, {
      headers: { authorization: `Bearer ${credentials.admin_token}` },
    });
    const page = await response.json();
    if (!response.ok) throw new Error(page.error?.message ?? `the product answered ${response.status}`);
    for (const event of page.data) onEvent(event);
    after = page.cursor;
    if (page.data.length === 0) return after;
  }
}

/** `npm start` writes credentials.json, a cluster cluster.json. */
function readCredentials() {
  const directory = path.resolve(process.env.INIT_CWD ?? process.cwd(), values['data-dir']);
  for (const name of ['credentials.json', 'cluster.json']) {
    try {
      return JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
    } catch {
      // The other one, then.
    }
  }
  throw new Error(`no running product found in ${directory}: start one, or name its data directory with --data-dir`);
}

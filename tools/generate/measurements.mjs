// Writes the latest figures of `docs/measurements/` into the pages that show them: `node tools/generate/measurements.mjs`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCS = new URL('../../docs/', import.meta.url);
export const PAGES = ['performance.md', 'reliability.md'];
const BLOCK = /<!-- (table|goals): ([^>]+) -->\n[\s\S]*?<!-- end -->/g;

/** A page with its blocks written anew: `<!-- table: part -->` holds a part's rows, `<!-- goals: part, part -->` goals. */
export function withMeasurements(page, parts = readParts()) {
  return page.replaceAll(BLOCK, (_block, kind, names) => {
    const chosen = names.split(',').map((name) => partOf(parts, name.trim()));
    const lines = kind === 'table' ? chosen.flatMap(tableOf) : goalsOf(chosen);
    return [`<!-- ${kind}: ${names} -->`, '', ...lines, '', '<!-- end -->'].join('\n');
  });
}

export function readPage(name) {
  return readFileSync(new URL(name, DOCS), 'utf8');
}

/** Parts of all files, each with when and at which commit it was measured. */
function readParts() {
  const directory = new URL('measurements/', DOCS);
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return new Map(
    files.flatMap((name) => {
      // A tool that keeps a page of its own has no parts for others.
      const { date, commit, results = {} } = JSON.parse(readFileSync(new URL(name, directory), 'utf8'));
      return Object.entries(results).map(([part, result]) => [part, { ...result, date: date.slice(0, 10), commit }]);
    }),
  );
}

function partOf(parts, name) {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`docs/measurements has no ${name}`);
  return part;
}

function tableOf({ title, date, commit, columns, rows, notes }) {
  return [`${title}; ${date}, \`${commit}\`:`, '', ...table(columns, rows), ...notes.flatMap((note) => ['', note])];
}

function goalsOf(parts) {
  const rows = parts.flatMap(({ title, date, commit, goals }) =>
    goals.map(({ goal, measured, isMet }, index) => [
      index === 0 ? `${title.split(/,(?!\d)|[:(]/)[0].trim()} (${date}, \`${commit}\`)` : '',
      goal,
      measured,
      isMet ? 'met' : 'MISSED',
    ]),
  );
  return table(['', 'goal', 'measured', ''], rows);
}

/** As Prettier writes it. */
function table(columns, rows) {
  const lines = [columns, ...rows].map((row) => row.map((cell) => String(cell ?? '–').trim()));
  const widths = columns.map((_column, index) => Math.max(3, ...lines.map((line) => [...line[index]].length)));
  const text = (line) => `| ${line.map((cell, index) => cell + ' '.repeat(widths[index] - [...cell].length)).join(' | ')} |`;
  const [head, ...body] = lines;
  return [text(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(text)];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const name of PAGES) writeFileSync(new URL(name, DOCS), withMeasurements(readPage(name)));

/** Prints a result as a table that is Markdown at the same time. */
export function printResult({ title, columns, rows, goals = [], notes = [] }) {
  console.log(`\n## ${title}\n`);
  if (rows.length > 0) printTable(columns, rows);
  if (goals.length > 0) {
    console.log('');
    const state = { true: 'met', false: 'MISSED' };
    printTable(
      ['goal', 'measured', ''],
      goals.map(({ goal, measured, isMet }) => [goal, measured, isMet === undefined ? '' : state[isMet]]),
    );
  }
  for (const note of notes) console.log(`\n- ${note}`);
}

function printTable(columns, rows) {
  const lines = [columns, ...rows].map((row) => row.map((cell) => String(cell ?? '–')));
  const widths = columns.map((_column, index) => Math.max(...lines.map((line) => line[index].length)));
  const text = (line) => `| ${line.map((cell, index) => cell.padEnd(widths[index])).join(' | ')} |`;
  console.log(text(lines[0]));
  console.log(`| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  for (const line of lines.slice(1)) console.log(text(line));
}

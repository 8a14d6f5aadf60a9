import { balanceOf } from './book.mjs';

const NANO_USD_PER_USD = 1_000_000_000n;

/** The book as a table for people. */
export function tableOf(book) {
  const rows = Object.entries(book.accounts)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, account]) => [
      id,
      usd(balanceOf(account)),
      String(account.transactions),
      account.usage.calls ?? '0',
      account.usage.input_tokens ?? '0',
      account.usage.output_tokens ?? '0',
    ]);
  const table = [['account', 'balance (USD)', 'transactions', 'calls', 'input tokens', 'output tokens'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table
    .map((row) => row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))).join('  '))
    .join('\n');
}

/** The same for programs. */
export function reportOf(book) {
  const { accounts, repeated, problems } = book;
  return { accounts, repeated, problems };
}

/** Exact: nine decimals, since a call may cost a nano-USD. */
function usd(nanoUsd) {
  const amount = BigInt(nanoUsd);
  const absolute = amount < 0n ? -amount : amount;
  const decimals = String(absolute % NANO_USD_PER_USD).padStart(9, '0');
  return `${amount < 0n ? '-' : ''}${absolute / NANO_USD_PER_USD}.${decimals}`;
}

import { SUMMED_UNITS, type TransactionView, type UsageGroup, type UsageRow } from '@ecolink/contracts';
import type { FastifyReply } from 'fastify';
import { type CsvValue, toCsv } from './csv.js';

const TRANSACTION_COLUMNS = [
  'id',
  'created_at',
  'type',
  'amount_nano_usd',
  'balance_after_nano_usd',
  'description',
  'instance_id',
] as const;
const USAGE_COLUMNS = ['calls', ...SUMMED_UNITS, 'cost_nano_usd'];

export function transactionsCsv(rows: readonly TransactionView[], isOfManyAccounts: boolean): string {
  return toCsv(isOfManyAccounts ? ['account_id', ...TRANSACTION_COLUMNS] : TRANSACTION_COLUMNS, rows.map(values));
}

export function usageCsv(rows: readonly UsageRow[], groups: readonly UsageGroup[]): string {
  return toCsv([...groups.map((group) => (group === 'key' ? 'key_id' : group)), ...USAGE_COLUMNS], rows.map(values));
}

function values(row: object): Record<string, CsvValue> {
  return { ...row };
}

/** Sends text as a file of that name. */
export function asCsvFile(reply: FastifyReply, name: string, text: string): string {
  void reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`);
  return text;
}

import { RecentIds } from './recent-ids.mjs';
import { ACCOUNT_CHANGED, LEDGER_POSTED, USAGE_RECORDED } from './topics.mjs';

const FORMAT = 1;
const PROBLEMS_KEPT_MAX = 100;

/**
 * What was read so far: balances, usage, and the places to go on from. All of it is one JSON value, so that a file of it can
 * never hold a place without the money before it, or the other way round. Amounts are nano-USD as decimal strings.
 */
export class Book {
  /** `saved` is what `toJSON` gave earlier; `source` says where the events come from, for a book belongs to one source. */
  constructor(source, saved) {
    if (saved !== undefined && saved.format !== FORMAT) throw new Error(`the state has format ${saved.format}, not ${FORMAT}`);
    if (saved !== undefined && saved.source !== source)
      throw new Error(`the state was read from ${saved.source}, not from ${source}: start over with --from-beginning`);
    this.source = source;
    this.positions = saved?.positions ?? {};
    this.accounts = saved?.accounts ?? {};
    this.repeated = saved?.repeated ?? 0;
    this.problems = saved?.problems ?? { count: 0, first: [] };
    this.recentIds = new RecentIds(saved?.recent_ids);
    this.changes = 0;
  }

  /** Where to go on in a topic: for Kafka the next offset of every partition, for HTTP a cursor. */
  positionsOf(topic) {
    return this.positions[topic] ?? {};
  }

  /** Takes events of one topic in order and moves the place behind them, both at once. */
  take(topic, events, positions) {
    for (const event of events) this.takeOne(topic, event);
    this.positions[topic] = { ...this.positions[topic], ...positions };
    this.changes += 1;
  }

  /** An event that cannot be read is told and left out: it must not hold up everybody's balance for ever. */
  noteProblem(text) {
    this.problems.count += 1;
    if (this.problems.first.length < PROBLEMS_KEPT_MAX) this.problems.first.push(text);
  }

  toJSON() {
    const { source, positions, accounts, repeated, problems } = this;
    return { format: FORMAT, source, positions, accounts, repeated, problems, recent_ids: this.recentIds };
  }

  takeOne(topic, event) {
    // The bus delivers at least once. Source and id together name an event; its copies are in the same partition.
    if (!this.recentIds.add(`${topic}/${event.partition}`, `${event.source} ${event.id}`)) {
      this.repeated += 1;
      return;
    }
    try {
      if (topic === LEDGER_POSTED) this.post(event.data);
      if (topic === USAGE_RECORDED) this.count(event.data);
      if (topic === ACCOUNT_CHANGED) this.announce(event.data);
    } catch (error) {
      this.noteProblem(`${topic} ${event.id}: ${error.message}`);
    }
  }

  post(transaction) {
    const amount = BigInt(transaction.amount_nano_usd);
    const balanceAfter = BigInt(transaction.balance_after_nano_usd);
    // Of an account's first event here the opening balance follows: 0, unless older events are past their retention.
    const account = this.accountOf(transaction.account_id, balanceAfter - amount);
    const balance = BigInt(account.balance_nano_usd) + amount;
    // Every event says what the balance has to be by then, so that a lost or a doubled one cannot stay unnoticed.
    if (balance !== balanceAfter)
      this.noteProblem(`${transaction.account_id}: ${balance} after ${transaction.transaction_id}, which says ${balanceAfter}`);
    account.balance_nano_usd = String(balance);
    account.transactions += 1;
    account.by_type[transaction.type] = sum(account.by_type[transaction.type], amount);
  }

  count(call) {
    const account = this.accountOf(call.account_id);
    // `units` may have fields that are newer than this program: all are summed by their names.
    const usage = Object.entries(call.units).map(([unit, amount]) => [unit, sum(account.usage[unit], amount)]);
    account.usage = { ...account.usage, ...Object.fromEntries(usage), calls: sum(account.usage.calls, 1) };
  }

  /** The whole state of an account: its balance where no transaction is kept. The highest version is the newest. */
  announce({ account_id: id, version, balance_nano_usd: balance }) {
    const account = this.accountOf(id);
    if (account.announced_version >= version) return;
    account.announced_version = version;
    account.announced_nano_usd = balance;
  }

  accountOf(id, openingNanoUsd) {
    const account = (this.accounts[id] ??= { transactions: 0, by_type: {}, usage: {} });
    if (openingNanoUsd === undefined || account.balance_nano_usd !== undefined) return account;
    account.opening_nano_usd = String(openingNanoUsd);
    account.balance_nano_usd = account.opening_nano_usd;
    return account;
  }
}

/** By its transactions; where none is kept, as the newest state of the account says. */
export function balanceOf(account) {
  return account?.balance_nano_usd ?? account?.announced_nano_usd ?? '0';
}

/** Beyond 2^53 too, which a year of tokens may reach. */
function sum(text, amount) {
  return String(BigInt(text ?? 0) + BigInt(amount));
}

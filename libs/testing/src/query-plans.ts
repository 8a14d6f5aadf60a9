import pg from 'pg';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Smaller relations may be read whole: that costs less than an index. */
const LARGE_BYTES = 1_000_000;
const EXPLAINABLE = /^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|\()/i;
const TEXT_SHOWN = 160;

/** Looks at how the server would run what the product sends it, over tables that a test has filled. */
export class QueryPlans {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 1 });
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  async run(text: string, values: readonly unknown[] = []): Promise<void> {
    await this.pool.query(text, [...values]);
  }

  /** Keeps the server from gathering statistics by itself: they are the test's. */
  async keepStatisticsStill(): Promise<void> {
    const { rows } = await this.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    for (const { name } of rows) await this.pool.query(`ALTER TABLE ${name} SET (autovacuum_enabled = false)`);
  }

  /** As in a database that was just restored. */
  async forgetStatistics(): Promise<void> {
    await this.pool.query(
      `DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)`,
    );
    await this.pool.query(
      `UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')`,
    );
  }

  /** Every statement that this process sends to a server while `work` runs. */
  async statementsOf(work: () => Promise<unknown>): Promise<readonly Statement[]> {
    const seen: Statement[] = [];
    const prototype = pg.Client.prototype as unknown as Record<'query', (...parameters: readonly unknown[]) => unknown>;
    const { query } = prototype;
    prototype.query = function (this: unknown, ...parameters) {
      const statement = statementOf(parameters);
      if (EXPLAINABLE.test(statement.text)) seen.push(statement);
      return query.apply(this, [...parameters]);
    };
    try {
      await work();
    } finally {
      prototype.query = query;
    }
    return seen;
  }

  /** Reads of large tables that no index leads to their place: they take longer the longer the table is. */
  async wideReads(statements: readonly Statement[]): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > ${LARGE_BYTES}`,
    );
    const large = new Set(rows.map(({ name }) => name));
    // An index of a part holds what is looked for and nothing else.
    const partial = await this.pool.query<{ name: string }>(
      'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indpred IS NOT NULL',
    );
    const leads = new Set(partial.rows.map(({ name }) => name));
    const wide: string[] = [];
    for (const statement of statements) {
      for (const node of await this.scansOf(statement)) {
        const isLed = node['Index Cond'] !== undefined || leads.has(node['Index Name'] ?? '');
        if (isLed || !large.has(node['Relation Name'] ?? '')) continue;
        const shown = statement.text.replaceAll(/\s+/g, ' ').slice(0, TEXT_SHOWN);
        wide.push(`${node['Node Type']} of ${node['Relation Name']} by ${node['Index Name'] ?? 'nothing'}: ${shown}`);
      }
    }
    return wide;
  }

  private async scansOf({ text, values }: Statement): Promise<readonly PlanNode[]> {
    const { rows } = await this.pool.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(`EXPLAIN (FORMAT JSON) ${text}`, [
      ...values,
    ]);
    const nodes = rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)));
    // A bitmap is made by the index scan below it, which is looked at by itself.
    return nodes.filter((node) => node['Node Type'].endsWith('Scan') && node['Node Type'] !== 'Bitmap Heap Scan');
  }
}

/** `query` takes a text, or an object with it; values come in either. */
function statementOf([first, second]: readonly unknown[]): Statement {
  const { text, values } = typeof first === 'object' && first !== null ? (first as Partial<Statement>) : {};
  return { text: text ?? String(first), values: values ?? (Array.isArray(second) ? (second as unknown[]) : []) };
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

import { newId } from '@ecolink/contracts';
import type pg from 'pg';
import type { CheckableDeadLetterSink } from '../delivery/store-dead-letter.js';
import type { DeadLetter, EventBus } from '../event-bus.js';
import { openPool } from '../open-pool.js';
import { DEAD_LETTER_COLUMNS, type DeadLetterRow, type StoredDeadLetter, toStoredDeadLetter } from './stored-dead-letter.js';

export interface DeadLetterQuery {
  readonly limit: number;
  /** Ids of an earlier page: `after` gives older ones, `before` newer ones. */
  readonly after?: string;
  readonly before?: string;
  readonly group?: string;
  readonly topic?: string;
}

export interface DeadLetterPage {
  readonly letters: readonly StoredDeadLetter[];
  readonly hasMore: boolean;
}

export type ReplayResult =
  /** As it was marked: it may have failed once more, and be open again, before anybody looks. */
  | { readonly kind: 'replayed'; readonly letter: StoredDeadLetter }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'undecodable' };

const CONNECTIONS_MAX = 2;
const REASON_LENGTH_MAX = 2_000;

/** The table of events that consumers gave up, on either engine. */
export class DeadLetters implements CheckableDeadLetterSink {
  private readonly pool: pg.Pool;

  constructor(options: { readonly databaseUrl: string }) {
    this.pool = openPool({ url: options.databaseUrl, applicationName: 'ecolink-dead-letters', connectionsMax: CONNECTIONS_MAX });
  }

  /** Storing an event of a group again changes nothing, unless it was replayed in between: then it is open again. */
  async store(letter: DeadLetter & { readonly attempts?: number }): Promise<void> {
    const { event, group, reason, attempts = 1 } = letter;
    await this.pool.query(
      `INSERT INTO dead_letters (id, group_name, topic, partition, position, key, event_id, source, occurred_at, data, reason, attempts)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       ON CONFLICT ON CONSTRAINT dead_letters_once DO UPDATE
       SET partition = excluded.partition, position = excluded.position, data = excluded.data, reason = excluded.reason,
           attempts = excluded.attempts, replayed_at = NULL
       WHERE dead_letters.replayed_at IS NOT NULL`,
      [
        newId('dlq'),
        group,
        event.topic,
        event.partition,
        event.position,
        storable(event.key),
        storable(event.id),
        storable(event.source),
        event.occurredAt,
        JSON.stringify(event.data ?? null),
        storable(reason).slice(0, REASON_LENGTH_MAX),
        attempts,
      ],
    );
  }

  /** True while the database answers. A consumer asks this before it blames an event. */
  async canReachDatabase(): Promise<boolean> {
    try {
      await this.pool.query('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  /** Newest first. */
  async list(query: DeadLetterQuery): Promise<DeadLetterPage> {
    const order = query.before === undefined ? 'DESC' : 'ASC';
    const { rows } = await this.pool.query<DeadLetterRow>(
      `SELECT ${DEAD_LETTER_COLUMNS} FROM dead_letters
       WHERE ($1::text IS NULL OR id < $1) AND ($2::text IS NULL OR id > $2)
         AND ($3::text IS NULL OR group_name = $3) AND ($4::text IS NULL OR topic = $4)
       ORDER BY id ${order} LIMIT $5`,
      [query.after ?? null, query.before ?? null, query.group ?? null, query.topic ?? null, query.limit + 1],
    );
    const letters = rows.slice(0, query.limit).map(toStoredDeadLetter);
    if (order === 'ASC') letters.reverse();
    return { letters, hasMore: rows.length > query.limit };
  }

  async get(id: string): Promise<StoredDeadLetter | undefined> {
    const { rows } = await this.pool.query<DeadLetterRow>(`SELECT ${DEAD_LETTER_COLUMNS} FROM dead_letters WHERE id = $1`, [id]);
    return rows[0] === undefined ? undefined : toStoredDeadLetter(rows[0]);
  }

  /**
   * Publishes the event once more, under its own id: groups that have handled it recognise it, the one that could not gets
   * another chance. It is marked first, so that a second failure finds it replayed and opens it again.
   */
  async replay(id: string, bus: Pick<EventBus, 'publish'>): Promise<ReplayResult> {
    const letter = await this.get(id);
    if (letter === undefined) return { kind: 'not_found' };
    if (!letter.decodable) return { kind: 'undecodable' };
    const replayed = await this.markReplayed(id);
    if (replayed === undefined) return { kind: 'not_found' };
    try {
      await bus.publish([letter.event]);
    } catch (error) {
      await this.pool.query('UPDATE dead_letters SET replayed_at = $2 WHERE id = $1', [id, letter.replayedAt]);
      throw error;
    }
    return { kind: 'replayed', letter: replayed };
  }

  private async markReplayed(id: string): Promise<StoredDeadLetter | undefined> {
    const { rows } = await this.pool.query<DeadLetterRow>(
      `UPDATE dead_letters SET replayed_at = now() WHERE id = $1 RETURNING ${DEAD_LETTER_COLUMNS}`,
      [id],
    );
    return rows[0] === undefined ? undefined : toStoredDeadLetter(rows[0]);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** PostgreSQL's text holds every character but this one. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

// Usage events as routers record them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newId, TOPIC } from '@ecolink/contracts';
import { createLogger } from '@ecolink/runtime';
import { UsagePublisher } from '../../../apps/router/dist/settlement/journal/publish-usage.js';
import { UsageJournal } from '../../../apps/router/dist/settlement/journal/usage-journal.js';

export const PRICED_INSTANCE = 142;
const TICK_MS = 10;
let position = 0;

/** As many calls, one account after the other. */
export function usageEvents(accounts, count) {
  return Array.from({ length: count }, (_unused, index) => {
    const data = usage(accounts[index % accounts.length], (position += 1));
    return {
      id: data.event_id,
      source: data.source,
      topic: TOPIC.usageRecorded,
      key: data.account_id,
      occurredAt: new Date(),
      data,
    };
  });
}

function usage(accountId, journalPosition) {
  const now = new Date().toISOString();
  return {
    event_id: newId('evt'),
    source: 'router/bench',
    journal_position: journalPosition,
    account_id: accountId,
    key_id: 'key_bench',
    instance_id: PRICED_INSTANCE,
    platform_model_id: null,
    model: `m:${PRICED_INSTANCE}`,
    endpoint: '/v1/chat/completions',
    region: 'mv',
    started_at: now,
    ended_at: now,
    outcome: 'completed',
    status: 200,
    units: { requests: 1, input_tokens: 1_000, output_tokens: 100 },
    estimated: false,
    billable: true,
    ttft_ms: 12.5,
    source_tag: null,
    request_id: newId('req'),
  };
}

/** A router's journal and publisher, given the ends of calls at a steady pace. */
export class PacedUsage {
  constructor({ bus, accounts, perSecond }) {
    this.accounts = accounts;
    this.perSecond = perSecond;
    this.directory = mkdtempSync(path.join(tmpdir(), 'ecolink-bench-journal-'));
    this.journal = new UsageJournal({ directory: path.join(this.directory, 'bench') });
    this.publisher = new UsagePublisher(this.journal, bus, createLogger('bench'));
    this.publisher.start();
  }

  /** Resolves with how many calls ended. */
  async run(durationMs) {
    const startedAtMs = performance.now();
    let sent = 0;
    for (let now = startedAtMs; now - startedAtMs < durationMs; now = performance.now()) {
      const due = Math.floor(((now - startedAtMs) * this.perSecond) / 1_000);
      for (; sent < due; sent += 1) {
        const event = usage(this.accounts[sent % this.accounts.length], this.journal.nextPosition());
        void this.journal.appendGathered({ event, costNanoUsd: 0n, eventJson: JSON.stringify(event) });
      }
      await delay(TICK_MS);
    }
    return sent;
  }

  async close() {
    await this.publisher.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

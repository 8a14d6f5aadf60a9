import {
  ApiError,
  assertNever,
  type DeadLetterView,
  deadLettersQuery,
  type DeadLettersQuery,
  type ListPage,
  resourceId,
} from '@ecolink/contracts';
import { DeadLetters, type EventBus } from '@ecolink/messaging';
import { AdminGuard, type ChangeNote, NoteChange, zodBody, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { DEAD_LETTER_SINK, EVENT_BUS } from '../../injection.js';

type StoredDeadLetter = NonNullable<Awaited<ReturnType<DeadLetters['get']>>>;

/** Events that a consumer gave up, of any service: to look at, and to publish once more after the cause is gone. */
@Controller('admin/v1/dead-letters')
@UseGuards(AdminGuard)
export class AdminDeadLettersController {
  constructor(
    @Inject(DEAD_LETTER_SINK) private readonly deadLetters: DeadLetters,
    @Inject(EVENT_BUS) private readonly bus: EventBus,
  ) {}

  @Get()
  async list(@Query(zodQuery(deadLettersQuery)) query: DeadLettersQuery): Promise<ListPage<DeadLetterView>> {
    const { limit, after, before, group, topic } = query;
    const filters = { ...(group === undefined ? {} : { group }), ...(topic === undefined ? {} : { topic }) };
    const cursor = { ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) };
    const page = await this.deadLetters.list({ limit, ...filters, ...cursor });
    const data = page.letters.map(toDeadLetterView);
    return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: page.hasMore };
  }

  @Post(':id/replay')
  @HttpCode(200)
  async replay(@Param('id', zodBody(resourceId)) id: string, @NoteChange() note: ChangeNote): Promise<DeadLetterView> {
    const result = await this.deadLetters.replay(id, this.bus);
    switch (result.kind) {
      case 'replayed':
        note({ target: id, after: { event_id: result.letter.event.id, replayed_at: result.letter.replayedAt } });
        return toDeadLetterView(result.letter);
      case 'not_found':
        return refuseUnknown();
      case 'undecodable':
        throw new ApiError('invalid_state', 'these bytes were no event; they cannot be replayed');
      default:
        return assertNever(result);
    }
  }
}

function refuseUnknown(): never {
  throw new ApiError('not_found', 'there is no such dead letter');
}

function toDeadLetterView(letter: StoredDeadLetter): DeadLetterView {
  const { event } = letter;
  return {
    id: letter.id,
    group: letter.group,
    topic: event.topic,
    event_id: event.id,
    source: event.source,
    key: event.key,
    occurred_at: event.occurredAt.toISOString(),
    reason: letter.reason,
    attempts: letter.attempts,
    created_at: letter.createdAt.toISOString(),
    replayed_at: letter.replayedAt?.toISOString() ?? null,
    data: event.data,
  };
}

import { ApiError, type DeliveredEvent, type EventPage, eventsQuery, type EventsQuery, type EventView } from '@ecolink/contracts';
import { type EventBus, InvalidCursorError } from '@ecolink/messaging';
import { AdminGuard, zodQuery } from '@ecolink/service-kit';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { EVENT_BUS } from '../../injection.js';
import { locateEvent } from './locate-event.js';

const EVENT_ID_PATTERN = /[^0-9.]/;

/** The events of a topic, on either engine. */
@Controller('admin/v1/events')
@UseGuards(AdminGuard)
export class AdminEventsController {
  constructor(@Inject(EVENT_BUS) private readonly bus: EventBus) {}

  @Get()
  async read(@Query(zodQuery(eventsQuery)) query: EventsQuery): Promise<EventPage> {
    const after = query.after === undefined ? undefined : await this.cursorOf(query.topic, query.after);
    const page = await this.bus
      .read({ topic: query.topic, limit: query.limit, ...(after === undefined ? {} : { after }) })
      .catch(refuseCursor);
    const data = page.events.map(toEventView);
    const hasMore = page.events.length >= query.limit;
    return {
      object: 'list',
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      cursor: page.cursor,
      has_more: hasMore,
    };
  }

  /** `after` is a page's cursor, or the id of an event. */
  private async cursorOf(topic: string, after: string): Promise<string> {
    if (!EVENT_ID_PATTERN.test(after)) return after;
    const cursor = await locateEvent(this.bus, topic, after);
    if (cursor === undefined) throw new ApiError('invalid_request', 'after: the topic holds no such event', { param: 'after' });
    return cursor;
  }
}

function toEventView(event: DeliveredEvent): EventView {
  const { id, source, topic, key, occurredAt, partition, position, data } = event;
  return { id, source, type: topic, key, time: occurredAt.toISOString(), partition, position, data };
}

function refuseCursor(error: unknown): never {
  if (error instanceof InvalidCursorError)
    throw new ApiError('invalid_request', 'after: is not a cursor of this topic', { param: 'after' });
  throw error;
}

import {
  ApiError,
  type ListPage,
  type NotificationsQuery,
  type NotificationView,
  type Principal,
  type ReadNotifications,
  type UnreadNotifications,
} from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { countKnown, countUnread, listNotifications, markRead, type Reader } from './notifications.store.js';

/** The mark of calls with a key, which no person makes. */
const KEYS_READER = 'keys';

export function readerOf(principal: Principal): Reader {
  return { accountId: principal.account_id, reader: principal.user_id ?? KEYS_READER };
}

@Injectable()
export class Bell {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(reader: Reader, query: NotificationsQuery): Promise<ListPage<NotificationView> & UnreadNotifications> {
    const { client } = this.database;
    const [page, unread] = await Promise.all([listNotifications(client, reader, query), countUnread(client, reader)]);
    return { ...page, unread_count: unread };
  }

  unread(reader: Reader): Promise<number> {
    return countUnread(this.database.client, reader);
  }

  /** Throws 404, and marks none, where one of the ids is not the account's. */
  async markRead(reader: Reader, { ids }: ReadNotifications): Promise<UnreadNotifications> {
    return this.database.transaction(async (transaction) => {
      const named = ids === undefined ? undefined : [...new Set(ids)];
      if (named !== undefined && (await countKnown(transaction, reader.accountId, named)) < named.length)
        throw new ApiError('not_found', 'ids: there is no such notification', { param: 'ids' });
      await markRead(transaction, reader, named, this.clock());
      return { unread_count: await countUnread(transaction, reader) };
    });
  }
}

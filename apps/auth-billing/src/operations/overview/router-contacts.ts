import { HEADER } from '@ecolink/contracts';
import { Injectable } from '@nestjs/common';

export interface RouterContact {
  readonly routerId: string;
  readonly seenAt: Date;
  readonly stateAgeMs: Readonly<Record<string, number>>;
}

const REMEMBERED_MS = 120_000;
const ROUTERS_MAX = 1_000;
const PARTS_MAX = 32;
const AGE_PATTERN = /^([a-z-]{1,32})=([0-9]{1,12})$/;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Which routers live: each asks for its state every few seconds and says how old what it has is. */
@Injectable()
export class RouterContacts {
  private readonly contacts = new Map<string, RouterContact>();

  note(headers: Headers, now: Date): void {
    const routerId = headers[HEADER.router];
    if (typeof routerId !== 'string' || routerId === '' || routerId.length > 128) return;
    this.contacts.delete(routerId);
    this.contacts.set(routerId, { routerId, seenAt: now, stateAgeMs: agesFrom(headers[HEADER.stateAges]) });
    const [oldest] = this.contacts.keys();
    if (this.contacts.size > ROUTERS_MAX && oldest !== undefined) this.contacts.delete(oldest);
  }

  /** Those of the last two minutes, by id. */
  live(now: Date): readonly RouterContact[] {
    for (const [id, { seenAt }] of this.contacts) if (now.getTime() - seenAt.getTime() > REMEMBERED_MS) this.contacts.delete(id);
    return [...this.contacts.values()].sort((left, right) => (left.routerId < right.routerId ? -1 : 1));
  }
}

function agesFrom(text: string | string[] | undefined): Record<string, number> {
  if (typeof text !== 'string') return {};
  const parts = text.split(';', PARTS_MAX).flatMap((part) => {
    const match = AGE_PATTERN.exec(part);
    return match === null ? [] : [[match[1] ?? '', Number(match[2])] as const];
  });
  return Object.fromEntries(parts);
}

import { budgetWindow, localDate } from '@ecolink/contracts';

export interface WholeDays {
  /** The first day that lies wholly behind the beginning, as `YYYY-MM-DD`; no day where this is `end`. */
  readonly first: string;
  /** The day that holds the end, which is not whole. */
  readonly end: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The days of a zone that lie wholly between two moments. Where there is none, both ends are the later moment. */
export function wholeDays(timeZone: string, from: Date, to: Date): WholeDays {
  const ofFrom = budgetWindow('day', timeZone, from);
  const startsAt = ofFrom.startedAt.getTime() === from.getTime() ? from : (ofFrom.endsAt ?? to);
  const { startedAt: endsAt } = budgetWindow('day', timeZone, to);
  const end = dayText(timeZone, to);
  if (startsAt >= endsAt) return { first: end, end, startsAt: to, endsAt: to };
  return { first: dayText(timeZone, startsAt), end, startsAt, endsAt };
}

/** The calendar day of a moment, as `YYYY-MM-DD`. */
export function dayText(timeZone: string, at: Date): string {
  const { year, month, day } = localDate(timeZone, at);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

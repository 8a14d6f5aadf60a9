import { type BudgetPeriod } from './budget.js';

export interface BudgetWindow {
  readonly startedAt: Date;
  /** Null for a budget over the account's lifetime. */
  readonly endsAt: Date | null;
}

interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const QUARTER_MS = 15 * 60_000;
/** No zone is further from UTC than this. */
const OFFSET_MAX_MS = 15 * 60 * 60_000;
const DAYS_PER_WEEK = 7;
const FORMATS_MAX = 600;

/**
 * The window of a period around a moment, cut by the days of a time zone; weeks begin on Monday. Starts and ends are whole
 * quarters of an hour, since every zone's offset is one.
 */
export function budgetWindow(period: BudgetPeriod, timeZone: string, at: Date): BudgetWindow {
  const today = localDate(timeZone, at);
  switch (period) {
    case 'day':
      return between(timeZone, today, plusDays(today, 1));
    case 'week': {
      const monday = plusDays(today, -((weekday(today) + DAYS_PER_WEEK - 1) % DAYS_PER_WEEK));
      return between(timeZone, monday, plusDays(monday, DAYS_PER_WEEK));
    }
    case 'month': {
      const first = { ...today, day: 1 };
      return between(timeZone, first, normalized({ ...first, month: first.month + 1 }));
    }
    case 'lifetime':
      return { startedAt: new Date(0), endsAt: null };
  }
}

/** The first moment of a local day, also where clocks skip midnight or the whole day. */
export function startOfLocalDay(timeZone: string, date: LocalDate): Date {
  const middle = Date.UTC(date.year, date.month - 1, date.day);
  let before = Math.floor((middle - OFFSET_MAX_MS) / QUARTER_MS);
  let at = Math.ceil((middle + OFFSET_MAX_MS) / QUARTER_MS);
  while (at - before > 1) {
    const halfway = Math.floor((before + at) / 2);
    if (dayNumber(localDate(timeZone, new Date(halfway * QUARTER_MS))) >= dayNumber(date)) at = halfway;
    else before = halfway;
  }
  return new Date(at * QUARTER_MS);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of a moment in a zone. Throws a RangeError for a zone that does not exist. */
export function localDate(timeZone: string, at: Date): LocalDate {
  let format = formats.get(timeZone);
  if (format === undefined) {
    if (formats.size >= FORMATS_MAX) formats.clear();
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      calendar: 'iso8601',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  return { year: parts.get('year') ?? 0, month: parts.get('month') ?? 1, day: parts.get('day') ?? 1 };
}

function between(timeZone: string, first: LocalDate, next: LocalDate): BudgetWindow {
  return { startedAt: startOfLocalDay(timeZone, first), endsAt: startOfLocalDay(timeZone, next) };
}

function plusDays(date: LocalDate, days: number): LocalDate {
  return normalized({ ...date, day: date.day + days });
}

function normalized(date: LocalDate): LocalDate {
  const utc = new Date(Date.UTC(date.year, date.month - 1, date.day));
  return { year: utc.getUTCFullYear(), month: utc.getUTCMonth() + 1, day: utc.getUTCDate() };
}

function weekday(date: LocalDate): number {
  return new Date(Date.UTC(date.year, date.month - 1, date.day)).getUTCDay();
}

function dayNumber(date: LocalDate): number {
  return Date.UTC(date.year, date.month - 1, date.day);
}

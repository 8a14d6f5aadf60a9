const DAY_MS = 86_400_000;
const MONTHS = 12;

/** `2026-11-30`, the day of a moment in a zone. */
export function dayText(at: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(at);
}

/** The first moment of a month in a zone; `monthsBack` 1 is the month before that of `now`. */
export function monthStart(now: Date, zone: string, monthsBack = 0): Date {
  const [year = 1970, month = 1] = dayText(now, zone).split('-').map(Number);
  const index = year * MONTHS + month - 1 - monthsBack;
  return zonedMidnight(Date.UTC(Math.floor(index / MONTHS), index % MONTHS, 1), zone);
}

/** The first moment of a day, as `2026-11-30`, in a zone; undefined when it is no day. */
export function dayStart(day: string, zone: string, daysLater = 0): Date | undefined {
  const utc = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(utc) ? undefined : zonedMidnight(utc + daysLater * DAY_MS, zone);
}

/** Every day from one moment to before another, at most `max`. */
export function daysBetween(from: Date, to: Date, zone: string, max: number): string[] {
  const last = dayText(new Date(to.getTime() - 1), zone);
  const first = Date.parse(`${dayText(from, zone)}T00:00:00Z`);
  const days: string[] = [];
  for (let index = 0; index < max; index += 1) {
    const day = new Date(first + index * DAY_MS).toISOString().slice(0, 10);
    if (day > last) break;
    days.push(day);
  }
  return days;
}

/** The offset is asked twice: at the guess, and at what follows from it, for days on which the clock changes. */
function zonedMidnight(utcMidnight: number, zone: string): Date {
  const guess = utcMidnight - offsetMs(utcMidnight, zone);
  return new Date(utcMidnight - offsetMs(guess, zone));
}

function offsetMs(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}

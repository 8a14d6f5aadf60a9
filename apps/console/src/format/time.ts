/** Times on the page, all in one zone: the account's. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

/** `30 Nov 2026`. */
export function dateText(at: string | number | Date, zone = 'UTC'): string {
  return format(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at));
}

/** `14:02`. */
export function clockText(at: string | number | Date, zone = 'UTC'): string {
  return format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));
}

/** `14:02:11`. */
export function clockTextWithSeconds(at: string | number | Date, zone = 'UTC'): string {
  return format(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(at));
}

/** `14:02:11.481`: of a log. */
export function clockTextWithMs(at: string | number | Date, zone = 'UTC'): string {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', fractionalSecondDigits: 3 } as const;
  return format(zone, options).format(new Date(at));
}

/** `30 Nov 2026, 14:02:11`. */
export function dateTimeText(at: string | number | Date, zone = 'UTC'): string {
  return `${dateText(at, zone)}, ${clockTextWithSeconds(at, zone)}`;
}

/** The clock alone today, else with the day: `29 Nov 09:20`. */
export function recentText(at: string | number | Date, zone = 'UTC', now = Date.now()): string {
  if (dateText(at, zone) === dateText(now, zone)) return clockTextWithSeconds(at, zone);
  return `${format(zone, { day: 'numeric', month: 'short' }).format(new Date(at))} ${clockText(at, zone)}`;
}

import { z } from 'zod';

const hostEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('listening'), id: z.string(), port: z.int().min(1).max(65_535) }),
  z.object({ event: z.literal('failed'), id: z.string(), error: z.string() }),
  z.object({ event: z.literal('stopped'), id: z.string() }),
]);

/** What the simulators' process says of one of them. */
export type HostEvent = z.infer<typeof hostEvent>;

/** Parses one line of its output; undefined for what is said of none. */
export function parseHostEvent(line: string): HostEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return hostEvent.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

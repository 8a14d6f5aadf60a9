import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

const MS_PER_TICK = 10;
const GIB = 1_073_741_824;

export function describeMachine() {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memory_gib: Math.round(totalmem() / GIB),
    node: process.version,
    load_average_at_start: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

/** Milliseconds of processor time that all processes of the machine have used so far, on all cores. */
export function machineCpuMs() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1);
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK;
}

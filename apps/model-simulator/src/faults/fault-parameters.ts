import { OptionError } from '../options/option-error.js';

/** Reads one fault's named values; every value is asked for once, and `finish` refuses those nobody asked for. */
export class FaultParameters {
  private readonly unread: Map<string, unknown>;

  constructor(
    private readonly kind: string,
    values: Iterable<readonly [string, unknown]>,
  ) {
    this.unread = new Map(values);
  }

  integer(name: string, min: number, max: number, fallback?: number): number {
    const value = this.optionalInteger(name, min, max) ?? fallback;
    if (value === undefined) throw new OptionError(`fault ${this.kind} needs a value, as in ${this.kind}=${min}`);
    return value;
  }

  optionalInteger(name: string, min: number, max: number): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
      throw new OptionError(`fault ${this.kind}: ${name} must be an integer from ${min} to ${max}`);
    }
    return number;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.take(name) ?? fallback;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw new OptionError(`fault ${this.kind}: ${name} must be true or false`);
  }

  optionalText(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'string') return value;
    throw new OptionError(`fault ${this.kind}: ${name} must be a text`);
  }

  finish(): void {
    const [name] = this.unread.keys();
    if (name !== undefined) throw new OptionError(`fault ${this.kind} has no parameter "${name}"`);
  }

  private take(name: string): unknown {
    const value = this.unread.get(name);
    this.unread.delete(name);
    return value;
  }
}

/** Makes a `switch` over a union exhaustive at compile time; the simulator depends on no other package, so it has its own. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}

// Every process of a benchmark says once that it is ready, and ends with the one that started it.

export const settings = JSON.parse(process.argv[2] ?? '{}');

/** Answers each line on standard input with what the process holds after a full collection, where it may collect. */
function tellLiveBytes() {
  globalThis.gc?.();
  process.stdout.write(`${JSON.stringify({ live_bytes: process.memoryUsage().heapUsed + process.memoryUsage().external })}\n`);
}

export function ready(value = {}) {
  process.stdin.on('data', tellLiveBytes);
  process.stdin.once('end', () => process.exit(0));
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Listens on a free loopback port. @returns the port. */
export function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

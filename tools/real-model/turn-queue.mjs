/** One at a time, in order; `waitingMax` more may wait. */
export function createTurnQueue(waitingMax) {
  let running = false;
  const waiting = [];
  return {
    /** Resolves when it is the caller's turn: `true`, or `false` when the signal fired first. `undefined` when too many wait. */
    enter(signal) {
      if (!running) {
        running = true;
        return Promise.resolve(true);
      }
      if (waiting.length >= waitingMax) return undefined;
      return new Promise((resolve) => {
        const entry = { start: () => (signal.removeEventListener('abort', leave), resolve(true)) };
        const leave = () => {
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(false);
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(entry);
      });
    },
    /** Whoever was given a turn ends it, once. */
    leave() {
      const next = waiting.shift();
      if (next === undefined) running = false;
      else next.start();
    },
  };
}

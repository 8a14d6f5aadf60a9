// Preloaded into a process: its wall clock is off by CLOCK_SKEW_MS, as that of a machine that lost its time server.
const skewMs = Number(process.env.CLOCK_SKEW_MS);
const RightDate = Date;

globalThis.Date = class Date extends RightDate {
  constructor(...args) {
    if (args.length === 0) super(RightDate.now() + skewMs);
    else super(...args);
  }

  static now() {
    return RightDate.now() + skewMs;
  }
};

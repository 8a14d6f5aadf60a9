import type { ApiError } from '@ecolink/contracts';
import { MANAGEMENT_CALLS_PER_MINUTE, ManagementRate } from './management-rate.js';

const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % 60_000);

function refusal(call: () => void): ApiError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return error as ApiError;
  }
}

describe('the rate of management calls', () => {
  it('lets an account make 600 in a minute, tells the rest when to come back, and lets no other account pay for it', () => {
    const rate = new ManagementRate();
    for (let made = 0; made < MANAGEMENT_CALLS_PER_MINUTE; made += 1) rate.take('acc_1', START_MS + made);
    const refused = refusal(() => rate.take('acc_1', START_MS + 30_000));
    expect([refused?.code, refused?.status, refused?.retryAfterSeconds]).toEqual(['rate_limit_exceeded', 429, 30]);
    expect(refusal(() => rate.take('acc_2', START_MS + 30_000))).toBeUndefined();
    expect(refusal(() => rate.take('acc_1', START_MS + 90_000))).toBeUndefined();
  });

  it('slides: half a minute later half of the earlier calls still count', () => {
    const rate = new ManagementRate();
    for (let made = 0; made < MANAGEMENT_CALLS_PER_MINUTE; made += 1) rate.take('acc_1', START_MS + 59_000);
    let admitted = 0;
    while (refusal(() => rate.take('acc_1', START_MS + 90_000)) === undefined) admitted += 1;
    expect(admitted).toBe(MANAGEMENT_CALLS_PER_MINUTE / 2);
  });

  it('counts strangers by their network, apart from accounts', () => {
    const rate = new ManagementRate();
    for (let made = 0; made < MANAGEMENT_CALLS_PER_MINUTE; made += 1) rate.noteRefused('192.0.2.1', START_MS);
    expect(refusal(() => rate.noteRefused('192.0.2.1', START_MS))?.status).toBe(429);
    expect(refusal(() => rate.noteRefused('192.0.2.2', START_MS))).toBeUndefined();
    expect(refusal(() => rate.take('192.0.2.1', START_MS))).toBeUndefined();
  });
});

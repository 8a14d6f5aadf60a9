import { costOf, estimateTokens, pricesFromDto } from './pricing.js';

const prices = pricesFromDto({ input_nano_usd_per_1m_tokens: '50000000', output_nano_usd_per_1m_tokens: '80000001' });

describe('costOf', () => {
  it('sums exactly and rounds up once, not per unit', () => {
    // 3 × 50 = 150; 1 × 80.000001 → 230.000001 → 231
    expect(costOf({ requests: 1, input_tokens: 3, output_tokens: 1 }, prices)).toBe(231n);
  });

  it('bills cached tokens as input where there is no cached price', () => {
    const units = { requests: 1, input_tokens: 1000, cached_input_tokens: 400, output_tokens: 0 };
    expect(costOf(units, prices)).toBe(50_000n);
    expect(
      costOf(units, pricesFromDto({ input_nano_usd_per_1m_tokens: '50000000', cached_input_nano_usd_per_1m_tokens: '0' })),
    ).toBe(30_000n);
  });

  it('never lets more cached tokens than input tokens make a negative cost', () => {
    const some = pricesFromDto({ input_nano_usd_per_1m_tokens: '1000000', cached_input_nano_usd_per_1m_tokens: '0' });
    expect(costOf({ requests: 1, input_tokens: 1, cached_input_tokens: 5 }, some)).toBe(0n);
  });

  it('counts images, seconds and requests', () => {
    const all = pricesFromDto({
      nano_usd_per_image: '7',
      nano_usd_per_audio_second: '1000',
      nano_usd_per_video_second: '10',
      nano_usd_per_request: '3',
    });
    expect(costOf({ requests: 1, images: 2, audio_milliseconds: 1500, video_milliseconds: 50 }, all)).toBe(14n + 1500n + 1n + 3n);
  });
});

describe('pricesFromDto', () => {
  it('tells a price of zero from no price', () => {
    expect(pricesFromDto({})).toMatchObject({ isPriced: false, isFree: true });
    expect(pricesFromDto({ nano_usd_per_request: '0' })).toMatchObject({ isPriced: true, isFree: true });
    expect(prices).toMatchObject({ isPriced: true, isFree: false });
  });
});

describe('estimateTokens', () => {
  it('rounds bytes up to tokens', () => {
    expect([0, 1, 4, 5].map(estimateTokens)).toEqual([0, 1, 1, 2]);
  });
});

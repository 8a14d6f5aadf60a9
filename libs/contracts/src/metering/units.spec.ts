import fc from 'fast-check';
import { usageRow } from '../api/billing.js';
import { costOf, pricesDto, pricesFromDto, unitsDto } from '../pricing.js';
import { SUMMED_UNITS, UNITS } from './units.js';

const MILLION = 1_000_000n;
const counts = fc.record(Object.fromEntries(UNITS.map(({ name }) => [name, fc.nat(10_000_000)])), { requiredKeys: ['requests'] });
const amounts = fc.record(Object.fromEntries(UNITS.map(({ price }) => [price, fc.bigInt(0n, 10n ** 12n).map(String)])), {
  requiredKeys: [],
});

describe('the table of units', () => {
  it('is what events, prices and reports are made of', () => {
    expect(Object.keys(unitsDto.shape).sort()).toEqual(UNITS.map(({ name }) => name).sort());
    expect(Object.keys(pricesDto.shape)).toEqual(UNITS.map(({ price }) => price));
    expect(Object.keys(usageRow.shape)).toEqual(expect.arrayContaining([...SUMMED_UNITS]));
  });

  it('costs exactly what each unit costs on its own, rounded up once', () => {
    fc.assert(
      fc.property(counts, amounts, (units, prices) => {
        const one = unitsDto.parse(units);
        const price = pricesDto.parse(prices);
        const of = (text: string | undefined) => BigInt(text ?? '0');
        const input = BigInt(one.input_tokens ?? 0);
        const reported = BigInt(one.cached_input_tokens ?? 0);
        const cached = reported < input ? reported : input;
        const cachedPrice = price.cached_input_nano_usd_per_1m_tokens ?? price.input_nano_usd_per_1m_tokens;
        const millionths =
          (input - cached) * of(price.input_nano_usd_per_1m_tokens) +
          cached * of(cachedPrice) +
          BigInt(one.output_tokens ?? 0) * of(price.output_nano_usd_per_1m_tokens) +
          BigInt(one.images ?? 0) * of(price.nano_usd_per_image) * MILLION +
          BigInt(one.audio_milliseconds ?? 0) * of(price.nano_usd_per_audio_second) * 1_000n +
          BigInt(one.video_milliseconds ?? 0) * of(price.nano_usd_per_video_second) * 1_000n +
          BigInt(one.requests) * of(price.nano_usd_per_request) * MILLION;
        expect(costOf(one, pricesFromDto(price))).toBe((millionths + MILLION - 1n) / MILLION);
      }),
    );
  });
});

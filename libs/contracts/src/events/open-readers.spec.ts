import { z } from 'zod';
import { pricesDto, pricesFromDto, pricesInput, unitsDto, unknownUnits } from '../pricing.js';
import { EVENT_CONTRACTS } from './event-contracts.js';

// Looked into field by field.
type Json = ReturnType<typeof JSON.parse>;

/** Objects of a schema, by path, whose unknown members a reader would lose or refuse. */
function closedObjects(schema: Json, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const isClosed = schema.properties !== undefined && JSON.stringify(schema.additionalProperties) !== '{}';
  const below = Object.entries({ ...schema.properties, items: schema.items, entries: schema.additionalProperties });
  const alternatives: Json[] = schema.anyOf ?? [];
  return [
    ...(isClosed ? [path] : []),
    ...below.flatMap(([name, inner]) => closedObjects(inner, `${path}/${name}`)),
    ...alternatives.flatMap((inner) => closedObjects(inner, path)),
  ];
}

describe.each(Object.entries(EVENT_CONTRACTS))('a reader of %s', (_topic, { schema }) => {
  it('keeps every member that a later release adds, at any depth', () => {
    expect(closedObjects(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }))))).toEqual(
      [],
    );
  });
});

describe('prices of a later release', () => {
  const later = { nano_usd_per_request: '0', nano_usd_per_page: '5' };

  it('are kept, and make a target neither unpriced nor free', () => {
    expect(pricesDto.parse(later)).toEqual(later);
    expect(pricesFromDto(pricesDto.parse(later))).toMatchObject({
      isPriced: true,
      isFree: false,
      unknownFields: ['nano_usd_per_page'],
    });
  });

  it('are refused from an operator: what cannot be applied must not be promised', () => {
    expect(pricesInput.safeParse(later).success).toBe(false);
  });
});

describe('units of a later release', () => {
  it('are kept and named, but for those that count nothing', () => {
    const units = unitsDto.parse({ requests: 1, pages: 3, sheets: 0 });
    expect(units).toEqual({ requests: 1, pages: 3, sheets: 0 });
    expect(unknownUnits(units)).toEqual(['pages']);
  });
});

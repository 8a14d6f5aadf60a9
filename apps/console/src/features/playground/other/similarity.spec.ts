import { cosine, documentsOf } from './similarity.js';

it('tells how alike vectors are, and never divides by zero', () => {
  expect(cosine([1, 0], [2, 0])).toBe(1);
  expect(cosine([1, 0], [0, 3])).toBe(0);
  expect(cosine([1, 1], [-1, -1])).toBeCloseTo(-1);
  expect(cosine([0, 0], [1, 1])).toBe(0);
});

it('takes documents one a line, or as a JSON list', () => {
  expect(documentsOf(' one \n\n two')).toEqual(['one', 'two']);
  expect(documentsOf('["one\\nmore", {"text":"two"}]')).toEqual(['one\nmore', '{"text":"two"}']);
  expect(documentsOf('[not json')).toEqual(['[not json']);
});

import { expect, test } from 'bun:test';
import { generateName } from './names.ts';

test('a generated name is adjective_surname', () => {
  for (let i = 0; i < 50; i++) expect(generateName(() => true)).toMatch(/^[a-z]+_[a-z]+$/);
});

test('a taken name is passed over, and a full house still finds one', () => {
  const first = generateName(
    () => true,
    () => 0,
  );
  const next = generateName(
    (name) => name !== first,
    () => 0,
  );
  expect(next).toBe(`${first}0`);
});

import { expect, test } from 'bun:test';
import { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';
import { parseBody } from './body.ts';

const schema = z.looseObject({
  Name: z.string().nullish(),
  Inner: z.looseObject({ Size: z.number() }).nullish(),
});

test('a body that fits passes, with what is not known', () => {
  expect(parseBody(schema, 'Thing', { Name: 'x', more: 1 })).toEqual({ Name: 'x', more: 1 });
});

test.each([
  [{ Name: 1 }, 'cannot unmarshal number into Go struct field Thing.Name of type string'],
  [{ Inner: { Size: [] } }, 'cannot unmarshal array into Go struct field Thing.Inner.Size of type int64'],
  [[], 'cannot unmarshal array into Go value of type Thing'],
])('%j names the field that is wrong', (body, sentence) => {
  expect(() => parseBody(schema, 'Thing', body)).toThrow(new InvalidError(`invalid JSON: json: ${sentence}`));
});

import { expect, test } from 'bun:test';
import { InvalidError } from '../../../lib/errors.ts';
import { parseVolumesFrom, volumesFrom } from './volumes-from.ts';

test.each([
  ['other', 'other', false],
  ['other:ro', 'other', true],
  ['other:rw,z', 'other', false],
])('%p', (text, name, readonly) => {
  expect(parseVolumesFrom(text)).toEqual({ name, readonly });
});

test.each([
  ['', 'volumes-from specification cannot be an empty string'],
  ['other:x', 'invalid mode: x'],
  ['other:rslave', 'invalid mode: rslave'],
  ['other:nocopy', 'invalid mode: nocopy'],
])('refuses %p', (text, message) => {
  expect(() => parseVolumesFrom(text)).toThrow(new InvalidError(message));
});

test('an unknown container is the fault of the request: no image is missing', () => {
  expect(() => volumesFrom({ find: () => undefined }, { VolumesFrom: ['nobody'] })).toThrow(
    new InvalidError('No such container: nobody'),
  );
});

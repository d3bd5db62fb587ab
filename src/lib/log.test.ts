import { describe, expect, test } from 'bun:test';
import { pino } from 'pino';
import { InvalidError } from './errors.ts';
import { createLog, textOf } from './log.ts';

/** What a person reads of one line. */
function told(facts: object, message: string): string {
  let line = '';
  const log = pino({ base: { name: 'hub' } }, { write: (written: string) => void (line = textOf(written)) });
  log.warn(facts, message);
  return line.replace(/^\S+/, 'TIME');
}

describe('the log as text', () => {
  test('is one line for people', () => {
    expect(told({ account: 'alice', status: 401 }, 'sign-in-failed')).toBe(
      'TIME WARN hub: sign-in-failed account=alice status=401\n',
    );
  });

  test('has in quotes whatever could look like something else', () => {
    expect(told({ path: 'a b', name2: 'x\n2026 ERROR hub: forged', empty: '' }, 'said')).toBe(
      'TIME WARN hub: said path="a b" name2="x\\n2026 ERROR hub: forged" empty=""\n',
    );
    expect(told({ text: 'red \u001b[31m' }, 'said')).toBe('TIME WARN hub: said text="red \\u001b[31m"\n');
  });

  test('has the trace of an error below', () => {
    expect(told({ err: new RangeError('too far') }, 'failed')).toStartWith(
      'TIME WARN hub: failed\nRangeError: too far\n    at ',
    );
  });
});

test('a format that there is not is refused', () => {
  expect(() => createLog('hub', 'info', 'xml')).toThrow(InvalidError);
});

import { describe, expect, test } from 'bun:test';
import { pino } from 'pino';
import { Events, type HubEvent } from './events.ts';

/** The kinds that are in the log of a hub that logs warnings only. */
function loggedAtWarn(events: readonly HubEvent[]): readonly string[] {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const reporter = new Events(log);
  for (const event of events) reporter.report(event);
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

describe('the log of events', () => {
  test('has failed sign-ins and refused accesses among its warnings, not what went well', () => {
    const address = '192.0.2.1';
    expect(
      loggedAtWarn([
        { kind: 'signed-in', account: 'alice', address },
        { kind: 'sign-in-failed', account: 'alice', address },
        { kind: 'access-refused', object: 'alice/app', reason: 'insufficient_scope', action: 'push' },
        { kind: 'account-created', account: 'bob' },
      ]),
    ).toEqual(['sign-in-failed', 'access-refused']);
  });
});

import { describe, expect, test } from 'bun:test';
import type { BuildEvent } from '../../engine-api/build.ts';
import { BuildModel } from './model.ts';
import { PlainLines } from './plain.ts';
import { begin, done, log, started, steps } from './testing.ts';

/** The lines that these write, each event at its own time or at the second beside it. */
function lines(...events: readonly (BuildEvent | readonly [BuildEvent, seconds: number])[]): string {
  const model = new BuildModel();
  const plain = new PlainLines(model);
  let text = '';
  let now = begin;
  for (const each of events) {
    const [event, seconds] = 'type' in each ? [each, undefined] : each;
    if (seconds !== undefined) now = begin + seconds * 1000;
    else if ('at' in event) now = Date.parse(event.at);
    model.apply(event, now);
    text += plain.take(event, now);
  }
  return text + plain.speak(Number.POSITIVE_INFINITY);
}

describe('a build as plain lines', () => {
  test('a step’s name, its log with the time, how it ended', () => {
    expect(
      lines(
        steps('[1/2] FROM busybox', '[2/2] RUN make'),
        done(0, 0, { cached: true }),
        started(1, 1),
        [log(1, 'one\ntw'), 1.5],
        [log(1, 'o\n'), 13.25],
        done(1, 14),
      ),
    ).toBe(
      '#1 [1/2] FROM busybox\n#1 CACHED\n\n' +
        '#2 [2/2] RUN make\n#2 0.500 one\n#2 0.500 two\n#2 DONE 13.0s\n',
    );
  });

  test('an error, and what was canceled for it', () => {
    expect(
      lines(
        steps('a', 'b'),
        started(0, 0),
        done(0, 1, { error: 'exit code: 3' }),
        done(1, 1, { canceled: true }),
      ),
    ).toBe('#1 a\n#1 ERROR: exit code: 3\n\n#2 b\n#2 CANCELED\n');
  });

  test('steps at the same time speak one after the other', () => {
    expect(
      lines(
        steps('a', 'b'),
        started(0, 0),
        started(1, 0),
        [log(1, 'b1\n'), 1],
        [log(0, 'a1\n'), 1],
        done(0, 2),
        [log(1, 'b2\n'), 3],
        done(1, 4),
      ),
    ).toBe('#1 a\n#1 1.000 a1\n#1 DONE 2.0s\n\n#2 b\n#2 1.000 b1\n#2 3.000 b2\n#2 DONE 4.0s\n');
  });

  test('who has spoken for long gives way, and says so', () => {
    expect(
      lines(
        steps('a', 'b'),
        started(0, 0),
        started(1, 0),
        [log(1, 'b1\n'), 6],
        [log(0, 'a1\n'), 7],
        done(1, 8),
        done(0, 9),
      ),
    ).toBe('#1 a\n#1 ...\n\n#2 b\n#2 6.000 b1\n#2 DONE 8.0s\n\n#1 a\n#1 7.000 a1\n#1 DONE 9.0s\n');
  });

  test('a transfer is told when it begins, now and then, and when it is over', () => {
    const transfer = (current: number, seconds: number) =>
      [
        { type: 'progress', step: 0, id: 'abc', status: 'Downloading', current, total: 10_000 },
        seconds,
      ] as const;
    expect(
      lines(
        steps('a'),
        started(0, 0),
        transfer(0, 0),
        transfer(1000, 1),
        transfer(5000, 6),
        transfer(10_000, 7),
        done(0, 8),
      ),
    ).toBe(
      '#1 a\n#1 abc Downloading 0B / 10kB\n#1 abc Downloading 5kB / 10kB\n#1 abc Downloading 10kB done\n#1 DONE 8.0s\n',
    );
  });

  test('a last line without an end is not lost', () => {
    expect(lines(steps('a'), started(0, 0), log(0, 'x'), done(0, 1))).toBe(
      '#1 a\n#1 0.000 x\n#1 DONE 1.0s\n',
    );
  });
});

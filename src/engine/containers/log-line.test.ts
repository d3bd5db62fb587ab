import { describe, expect, test } from 'bun:test';
import { CorruptError } from '../../lib/errors.ts';
import { formatTimestamp, parseLogLine } from './log-line.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('a line of the log', () => {
  test('has a time, a stream and a content with its newline', () => {
    const line = parseLogLine(encode('2026-11-23T14:20:56.123456789+00:00 stderr F a  b\n'));
    expect(line).toMatchObject({ stream: 'stderr', isPartial: false });
    expect(line.time).toBeCloseTo(1795443656.123, 3);
    expect(textOf(line.content)).toBe('a  b\n');
  });

  test('that is partial loses the newline that is not its own', () => {
    const line = parseLogLine(encode('2026-11-23T14:20:56.1+00:00 stdout P part\n'));
    expect(line).toMatchObject({ stream: 'stdout', isPartial: true });
    expect(textOf(line.content)).toBe('part');
  });

  test('may be empty', () => {
    expect(textOf(parseLogLine(encode('2026-11-23T14:20:56.1+00:00 stdout F \n')).content)).toBe('\n');
  });

  test.each(['', '\n', 'x\n', '2026-11-23T14:20:56.1+00:00 stdout\n'])('is refused when torn: %p', (text) => {
    expect(() => parseLogLine(encode(text))).toThrow(CorruptError);
  });

  test('shows its time in UTC with nine digits', () => {
    expect(formatTimestamp('2026-11-23T16:20:56.12+02:00')).toBe('2026-11-23T14:20:56.120000000Z');
  });
});

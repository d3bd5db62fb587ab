import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { InvalidError } from '../../../lib/errors.ts';
import { DetachScanner, parseDetachKeys } from './detach-keys.ts';

/** What passes, and what happens, when these chunks come in. */
function scanAll(keys: Uint8Array, chunks: readonly Uint8Array[]): { passed: number[]; isDetach: boolean } {
  const scanner = new DetachScanner(keys);
  const passed: number[] = [];
  for (const chunk of chunks) {
    const { pass, isDetach } = scanner.scan(chunk);
    passed.push(...pass);
    if (isDetach) return { passed, isDetach };
  }
  return { passed: [...passed, ...scanner.flush()], isDetach: false };
}

/** The plain definition: what comes before the first occurrence of the keys. */
function expected(keys: Uint8Array, bytes: readonly number[]): { passed: number[]; isDetach: boolean } {
  const at = Buffer.from(bytes).indexOf(Buffer.from(keys));
  return at === -1 ? { passed: [...bytes], isDetach: false } : { passed: bytes.slice(0, at), isDetach: true };
}

describe('detach keys', () => {
  test('are ctrl-p ctrl-q unless told', () => {
    expect([...parseDetachKeys('')]).toEqual([0x10, 0x11]);
  });

  test('may be characters and control keys', () => {
    expect([...parseDetachKeys('a,ctrl-@,ctrl-[,ctrl-_,ctrl-Z')]).toEqual([97, 0, 27, 31, 26]);
  });

  test.each(['ctrl-', 'ctrl-1', 'ab', 'a,,b', 'é'])('refuse %p', (text) => {
    expect(() => parseDetachKeys(text)).toThrow(InvalidError);
  });

  test('are found across chunks; what precedes them has passed', () => {
    const keys = parseDetachKeys('');
    const chunks = [Uint8Array.of(65, 0x10), Uint8Array.of(0x11, 66)];
    expect(scanAll(keys, chunks)).toEqual({ passed: [65], isDetach: true });
  });

  test('a prefix is held back until the next byte tells what it is', () => {
    const scanner = new DetachScanner(parseDetachKeys(''));
    expect(scanner.scan(Uint8Array.of(0x10)).pass).toHaveLength(0);
    expect([...scanner.scan(Uint8Array.of(66)).pass]).toEqual([0x10, 66]);
  });

  test('whatever the keys and the chunks, nothing is lost, doubled or reordered', () => {
    const byte = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        fc.array(byte, { minLength: 1, maxLength: 5 }),
        fc.array(fc.array(byte, { maxLength: 8 }), { maxLength: 8 }),
        (keys, chunks) => {
          const sequence = Uint8Array.from(keys);
          const pieces = chunks.map((chunk) => Uint8Array.from(chunk));
          expect(scanAll(sequence, pieces)).toEqual(expected(sequence, chunks.flat()));
        },
      ),
    );
  });
});

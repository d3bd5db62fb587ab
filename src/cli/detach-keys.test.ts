import { describe, expect, test } from 'bun:test';
import { DetachFilter, parseDetachKeys } from './detach-keys.ts';

describe('detach keys', () => {
  test('are control characters or single letters', () => {
    expect(parseDetachKeys('ctrl-p,ctrl-q')).toEqual([16, 17]);
    expect(parseDetachKeys('a,b,ctrl-\\,ctrl-@')).toEqual([97, 98, 28, 0]);
    expect(() => parseDetachKeys('ctrl-1')).toThrow('invalid detach keys (ctrl-1) provided');
    expect(() => parseDetachKeys('')).toThrow('invalid detach keys');
  });

  const type = (filter: DetachFilter, ...chunks: readonly string[]) =>
    chunks.map((chunk) => {
      const { bytes, isDetached } = filter.push(Buffer.from(chunk, 'latin1'));
      return `${Buffer.from(bytes).toString('latin1')}${isDetached ? '!' : ''}`;
    });

  test('end the input wherever chunks are cut, and are not sent on', () => {
    expect(type(new DetachFilter([16, 17]), 'ls\n\x10\x11')).toEqual(['ls\n!']);
    expect(type(new DetachFilter([16, 17]), 'ls\n\x10', '\x11')).toEqual(['ls\n', '!']);
  });

  test('a beginning that comes to nothing is sent on, whole', () => {
    expect(type(new DetachFilter([16, 17]), '\x10', 'x')).toEqual(['', '\x10x']);
    expect(type(new DetachFilter([97, 97, 98]), 'aac')).toEqual(['aac']);
  });

  test('the byte that breaks a match may begin the next', () => {
    expect(type(new DetachFilter([16, 17]), '\x10\x10\x11')).toEqual(['\x10!']);
  });
});

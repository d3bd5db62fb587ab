import { describe, expect, test } from 'bun:test';
import { UndoStack } from './undo.ts';

describe('an undo stack', () => {
  test('gives back in reverse what was taken, when the way ends early', async () => {
    const given: string[] = [];
    const fail = async (): Promise<void> => {
      await using undo = new UndoStack();
      undo.push(() => given.push('first'));
      undo.push(async () => given.push('second'));
      throw new RangeError('in the middle');
    };
    await expect(fail()).rejects.toThrow('in the middle');
    expect(given).toEqual(['second', 'first']);
  });

  test('does nothing once the whole has worked', async () => {
    const given: string[] = [];
    {
      await using undo = new UndoStack();
      undo.push(() => given.push('first'));
      undo.commit();
    }
    expect(given).toEqual([]);
  });

  test('goes on past a step that fails itself', async () => {
    const given: string[] = [];
    {
      await using undo = new UndoStack();
      undo.push(() => given.push('first'));
      undo.push(() => {
        throw new RangeError('cannot be undone');
      });
    }
    expect(given).toEqual(['first']);
  });
});

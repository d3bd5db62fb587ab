import { describe, expect, test } from 'bun:test';
import { alignTabs } from './table.ts';

describe('alignTabs', () => {
  test('a column is at least ten wide and three blanks apart from the next', () => {
    expect(alignTabs('A\tB\nabcdefgh\tc\n')).toBe('A          B\nabcdefgh   c\n');
    expect(alignTabs('IMAGE\tSTATUS\n')).toBe('IMAGE     STATUS\n');
  });

  test('the last cell is left as it is, an empty one too', () => {
    expect(alignTabs('a\t\tb\n')).toBe('a                   b\n');
    expect(alignTabs('a\tb\t\n')).toBe('a         b         \n');
  });

  test('a line without the column ends its block', () => {
    expect(alignTabs('a\tb\nplain\nlonger than ten\tc\n')).toBe('a         b\nplain\nlonger than ten   c\n');
  });

  test('characters count, not bytes', () => {
    expect(alignTabs('ünï…\tx\n')).toBe('ünï…      x\n');
  });
});

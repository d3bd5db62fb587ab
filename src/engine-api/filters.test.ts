import { describe, expect, test } from 'bun:test';
import { booleanFilter, formatFilters, groupFilters, parseFilters } from './filters.ts';

describe('filters', () => {
  test('both shapes that clients send are read', () => {
    const expected = new Map([['label', ['a=b', 'c']]]);
    expect(parseFilters('{"label":["a=b","c"]}', ['label'])).toEqual(expected);
    expect(parseFilters('{"label":{"a=b":true,"c":true,"d":false}}', ['label'])).toEqual(expected);
    expect(parseFilters(null, [])).toEqual(new Map());
    expect(parseFilters('null', [])).toEqual(new Map());
  });

  test.each([
    ['{"x":["1"]}', "invalid filter 'x'"],
    ['{"label":"a"}', "invalid filter 'label'"],
    ['{"label":[1]}', "invalid filter 'label'"],
    ['[1]', 'invalid filter'],
    ['{', 'invalid filter'],
  ])('%s is refused', (text, message) => expect(() => parseFilters(text, ['label'])).toThrow(message));

  test('what --filter gives is grouped and sent as a map', () => {
    const filters = groupFilters(['Label = a=b', 'label=c', 'status=exited']);
    expect(formatFilters(filters)).toBe('{"label":{"a=b":true,"c":true},"status":{"exited":true}}');
    expect(formatFilters(groupFilters([]))).toBeUndefined();
  });

  test('booleans have their words', () => {
    expect(booleanFilter(groupFilters(['dangling=true']), 'dangling')).toBe(true);
    expect(booleanFilter(groupFilters(['dangling=0']), 'dangling')).toBe(false);
    expect(booleanFilter(groupFilters([]), 'dangling')).toBeUndefined();
    expect(() => booleanFilter(groupFilters(['dangling=perhaps']), 'dangling')).toThrow(
      "invalid filter 'dangling=perhaps'",
    );
  });
});

import { describe, expect, test } from 'bun:test';
import { checkMode, parseMode } from './mode.ts';

describe('a mode', () => {
  const cases: readonly (readonly [mode: string, old: number, file: number, directory: number])[] = [
    ['755', 0o600, 0o755, 0o755],
    ['0', 0o777, 0, 0],
    ['4711', 0o644, 0o4711, 0o4711],
    ['go-w', 0o666, 0o644, 0o644],
    ['u=rw,g=r,o=r', 0o777, 0o644, 0o644],
    ['a+X', 0o644, 0o644, 0o755],
    ['a+X', 0o744, 0o755, 0o755],
    ['u+rw,g+r,o-x,o+w', 0o124, 0o766, 0o766],
    ['+x', 0o644, 0o755, 0o755],
    ['=r', 0o777, 0o444, 0o444],
    ['u=rwX,go=rX', 0o600, 0o644, 0o755],
    ['u=rwX,go=rX', 0o700, 0o755, 0o755],
    ['g=u', 0o640, 0o660, 0o660],
    ['go=u-w', 0o640, 0o644, 0o644],
    ['u+s', 0o755, 0o4755, 0o4755],
    ['g+s,u-x', 0o755, 0o2655, 0o2655],
    ['+t', 0o755, 0o1755, 0o1755],
    ['a-rwx', 0o777, 0, 0],
  ];
  test.each(cases)('%s of %o', (mode, old, file, directory) => {
    const { change } = parseMode(mode);
    expect([change(old, false).toString(8), change(old, true).toString(8)]).toEqual([
      file.toString(8),
      directory.toString(8),
    ]);
  });

  test('is kept where none is given', () => {
    expect(parseMode(undefined).change(0o4711, false)).toBe(0o4711);
  });
});

test.each(['64a', '10000', '8'])('%s is no octal mode', (mode) => {
  expect(() => checkMode(mode)).toThrow(
    `invalid chmod parameter: '${mode}'. it should be octal string and between 0 and 07777`,
  );
});

test.each(['u', 'x+u', 'u+q', '', 'u=r,', 'u=r;g=r'])('%p is no change of a mode', (mode) => {
  expect(() => checkMode(mode)).toThrow('invalid syntax');
});

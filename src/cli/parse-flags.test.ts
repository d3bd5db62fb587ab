import { describe, expect, test } from 'bun:test';
import { bool, bytes, decimal, duration, int, list, map, string, strings } from './flags.ts';
import { parseFlags } from './parse-flags.ts';

const table = {
  interactive: bool('', 'i'),
  tty: bool('', 't'),
  'sig-proxy': bool('', undefined, true),
  publish: list('', 'p'),
  name: string(''),
  memory: bytes('', 'm'),
  cpus: decimal(''),
  count: int('', 'c'),
  interval: duration(''),
  label: map('', 'l'),
  platform: strings(''),
  timeout: int(''),
  old: { ...int(''), hidden: true, aliasOf: 'timeout' },
};

function parse(words: string, interspersed = true) {
  const parsed = parseFlags(table, words.split(' '), interspersed);
  if ('help' in parsed) throw new TypeError('help was not asked for');
  return parsed;
}

describe('parseFlags', () => {
  test('joins switches behind one dash', () => {
    const { values, args } = parse('-it busybox');
    expect([values.interactive, values.tty, args]).toEqual([true, true, ['busybox']]);
  });

  test.each(['-p80:80', '-p=80:80', '-p 80:80', '--publish=80:80', '--publish 80:80', '-itp 80:80'])(
    'takes a value from %s',
    (words) => expect(parse(words).values.publish).toEqual(['80:80']),
  );

  test('a switch takes a value only behind =', () => {
    const { values, args } = parse('--sig-proxy=false -t=0 -i false');
    expect([values['sig-proxy'], values.tty, values.interactive, args]).toEqual([
      false,
      false,
      true,
      ['false'],
    ]);
  });

  test('options stop at the first argument where they are told to', () => {
    expect(parse('-i busybox -t', false).args).toEqual(['busybox', '-t']);
    expect(parse('-i busybox -t', true).args).toEqual(['busybox']);
  });

  test('-- ends the options and is dropped; a lone dash is an argument', () => {
    expect(parse('-i -- -t --x').args).toEqual(['-t', '--x']);
    expect(parse('- -i').args).toEqual(['-']);
  });

  test('quantities become numbers', () => {
    const { values } = parse('-m 512m --cpus 1.5 --interval 1m30s --platform a,b --platform c');
    expect([values.memory, values.cpus, values.interval, values.platform]).toEqual([
      536_870_912,
      1_500_000_000,
      90e9,
      ['a', 'b', 'c'],
    ]);
  });

  test('an old name sets the new one', () => {
    const { values, given } = parse('--old 7');
    expect([values.timeout, given.has('timeout')]).toEqual([7, true]);
  });

  test('what is not given is undefined or the default', () => {
    const { values, given } = parse('x');
    expect([values.name, values.memory, values.publish, values['sig-proxy']]).toEqual([
      undefined,
      undefined,
      [],
      true,
    ]);
    expect(given.size).toBe(0);
  });

  test('--help is found before what is wrong behind it', () => {
    expect(parseFlags(table, ['-i', '--help', '--nonsense'], true)).toEqual({ help: true });
  });

  test.each([
    ['--name', 'flag needs an argument: --name'],
    ['-x', "unknown shorthand flag: 'x' in -x"],
    ['-ix', "unknown shorthand flag: 'x' in -x"],
    ['--nope=1', 'unknown flag: --nope'],
    ['--=x', 'bad flag syntax: --=x'],
    [
      '--timeout 1x',
      'invalid argument "1x" for "--timeout" flag: strconv.ParseInt: parsing "1x": invalid syntax',
    ],
    ['--cpus 0.0000000001', 'invalid argument "0.0000000001" for "--cpus" flag: value is too precise'],
    ['-m 1zb', `invalid argument "1zb" for "-m, --memory" flag: invalid suffix: 'zb'`],
  ])('%s is refused in the words of pflag', (words, message) => {
    expect(() => parse(words)).toThrow(message);
  });
});

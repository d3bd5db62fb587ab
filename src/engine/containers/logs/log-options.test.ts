import { describe, expect, test } from 'bun:test';
import { logDetails, logRetention, validateLogConfig } from './log-options.ts';

type Type = 'json-file' | 'local' | 'none' | 'syslog';
const config = (Type: Type, Config: Record<string, string> = {}) => ({ Type, Config });

describe('what is kept', () => {
  test.each([
    [config('json-file'), { maxSize: undefined, maxFiles: 1, compress: false }],
    [config('json-file', { 'max-size': '10k' }), { maxSize: 10_000, maxFiles: 1, compress: false }],
    [
      config('json-file', { 'max-size': '1.5MB', 'max-file': '3', compress: 'true' }),
      { maxSize: 1_500_000, maxFiles: 3, compress: true },
    ],
    [config('json-file', { 'max-file': '3' }), { maxSize: undefined, maxFiles: 1, compress: false }],
    [config('json-file', { 'max-size': '-1' }), { maxSize: undefined, maxFiles: 1, compress: false }],
    [config('local'), { maxSize: 20_000_000, maxFiles: 5, compress: true }],
  ])('of %p is %p', (given, kept) => {
    validateLogConfig(given);
    expect(logRetention(given)).toEqual(kept);
  });
});

test.each([
  [config('syslog'), "logger: no log driver named 'syslog' is registered"],
  [config('json-file', { 'max-sise': '1' }), "unknown log opt 'max-sise' for json-file log driver"],
  [config('local', { labels: 'a' }), "unknown log opt 'labels' for local log driver"],
  [config('json-file', { 'max-size': 'big' }), "invalid size: 'big'"],
  [config('json-file', { 'max-size': '0' }), 'max-size must be a positive number'],
  [config('json-file', { 'max-file': '0' }), 'max-file cannot be less than 1'],
  [config('json-file', { compress: 'true' }), 'compress cannot be true when max-file is less than 2'],
  [config('json-file', { mode: 'fast' }), 'logger: logging mode not supported: fast'],
  [config('json-file', { 'max-buffer-size': '1m' }), "only supported with 'mode=non-blocking'"],
  [config('json-file', { 'env-regex': '(' }), "env-regex: '(' is no regular expression"],
])('%p is refused: %s', (given, message) => {
  expect(() => validateLogConfig(given)).toThrow(message);
});

test('none takes any option', () => {
  expect(() => validateLogConfig(config('none', { 'max-size': 'x' }))).not.toThrow();
});

test('details are the labels and variables asked for, in order, encoded', () => {
  const options = { labels: 'app,none', 'env-regex': '^A', tag: 'x y' };
  const details = logDetails(config('json-file', options), { app: 'a b', other: '1' }, ['A1=ü', 'B=2', 'A2']);
  expect(details).toBe('A1=%C3%BC,app=a+b,tag=x+y ');
  expect(logDetails(config('json-file'), { app: 'a' }, [])).toBe(' ');
});

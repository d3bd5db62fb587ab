import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidError } from '../../../lib/errors.ts';
import { readInRoot, resolveInRoot } from './root-path.ts';

let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'networks-spec-root-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/real'), 'inside');
  symlinkSync('/etc/real', join(root, 'etc/absolute'));
  symlinkSync('../../../../etc/real', join(root, 'etc/climbing'));
  symlinkSync('/etc/shadow', join(root, 'etc/shadow-of-host'));
  symlinkSync('loop', join(root, 'etc/loop'));
  symlinkSync('/etc', join(root, 'directory'));
  Bun.spawnSync(['mkfifo', join(root, 'etc/fifo')]);
});

afterAll(() => rmSync(root, { recursive: true }));

describe('resolveInRoot()', () => {
  test('follows links as the container would, never out of the root', () => {
    expect(resolveInRoot(root, '/etc/absolute')).toBe(join(root, 'etc/real'));
    expect(resolveInRoot(root, '/etc/climbing')).toBe(join(root, 'etc/real'));
    expect(resolveInRoot(root, '/directory/../../real')).toBe(join(root, 'real'));
    expect(resolveInRoot(root, '../../etc/passwd')).toBe(join(root, 'etc/passwd'));
  });

  test('takes what does not exist as it is written', () => {
    expect(resolveInRoot(root, '/directory/new/file')).toBe(join(root, 'etc/new/file'));
  });

  test('gives up on a loop', () => {
    expect(() => resolveInRoot(root, '/etc/loop')).toThrow(InvalidError);
  });
});

describe('readInRoot()', () => {
  test("reads the root's file, not the host's", () => {
    expect(readInRoot(root, '/etc/climbing')).toBe('inside');
    expect(readInRoot(root, '/etc/shadow-of-host')).toBe('');
  });

  test('is empty where there is nothing', () => {
    expect(readInRoot(root, '/etc/none')).toBe('');
    expect(readInRoot(root, '/etc/real/below')).toBe('');
  });

  test('neither waits for a fifo nor reads a directory', () => {
    expect(() => readInRoot(root, '/etc/fifo')).toThrow(InvalidError);
    expect(() => readInRoot(root, '/etc')).toThrow(InvalidError);
  });
});

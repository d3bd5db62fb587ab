import { describe, expect, test } from 'bun:test';
import { apkCommand } from './apk-command.ts';
import { aptCommand } from './apt-command.ts';
import { packageDifference } from './difference.ts';
import { parseDpkgStatus } from './dpkg.ts';
import type { Package } from './package.ts';

const stanza = (name: string, version: string, more = '', state = 'install ok installed') =>
  `Package: ${name}\nStatus: ${state}\nArchitecture: amd64\nVersion: ${version}\n${more}\n\n`;

function command(before: string, after: string, automatic: string[] = []) {
  const difference = packageDifference(parseDpkgStatus(before), parseDpkgStatus(after));
  if (!difference) return undefined;
  const state = { before, after, automatic: new Set(automatic), architecture: 'amd64' };
  const { steps, brought } = aptCommand(difference, state);
  return { steps, brought: brought.map(({ name }) => name) };
}

const base = stanza('base', '1');

describe('apt', () => {
  test('nothing done is no command', () => expect(command(base, base)).toBeUndefined());

  test('names what was asked for with its version, not what came with it', () => {
    const after =
      base + stanza('nginx', '1.22', 'Depends: virtual (>= 1) | x') + stanza('lib', '2', 'Provides: virtual');
    expect(command(base, after, ['lib:amd64'])).toEqual({
      steps: [
        'apt-get update',
        'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nginx=1.22',
      ],
      brought: ['lib'],
    });
  });

  test('takes recommended packages where some came', () => {
    const after = base + stanza('nginx', '1.22', 'Recommends: extra') + stanza('extra', '2');
    expect(command(base, after, ['extra:amd64'])?.steps[1]).toBe(
      'DEBIAN_FRONTEND=noninteractive apt-get install -y nginx=1.22',
    );
  });

  test('names another version, and takes packages off with or without their configuration', () => {
    const before = base + stanza('a', '1') + stanza('b', '1') + stanza('c', '1');
    const after = stanza('base', '2') + stanza('a', '1', '', 'deinstall ok config-files') + stanza('c', '1');
    expect(command(before, after)?.steps).toEqual([
      'apt-get update',
      'DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades --no-install-recommends base=2',
      'DEBIAN_FRONTEND=noninteractive apt-get remove -y --allow-remove-essential a',
      'DEBIAN_FRONTEND=noninteractive apt-get purge -y --allow-remove-essential b',
    ]);
  });
});

test('apk adds and deletes what stands in world', () => {
  const apk = (name: string, version: string): Package => ({ kind: 'apk', name, version });
  const difference = packageDifference(
    [apk('a', '1'), apk('old', '1')],
    [apk('a', '1'), apk('curl', '8'), apk('lib', '2')],
  );
  if (!difference) throw new TypeError('no difference');
  const { steps, brought } = apkCommand(difference, ['a', 'old'], ['a', 'curl>7']);
  expect(steps).toEqual(['apk add --no-cache curl=8', 'apk del --no-cache old']);
  expect(brought.map(({ name }) => name)).toEqual(['lib']);
});

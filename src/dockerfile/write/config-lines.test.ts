import { describe, expect, test } from 'bun:test';
import type { ProcessConfig } from '../../oci/image/image-config.ts';
import { applyInstruction } from '../apply.ts';
import { expandInstruction } from '../expand.ts';
import { parseInstructions } from '../parse.ts';
import { configLines, lostSettings } from './config-lines.ts';

const full: ProcessConfig = {
  User: 'app:$x',
  ExposedPorts: { '80/tcp': {}, '53/udp': {} },
  Env: ['PATH=/bin', 'A=two words', 'B=$A "quoted" \\', 'C='],
  Entrypoint: ['/entry', 'a b', '$x'],
  Cmd: ['sh', '-c', 'echo "$HOME"'],
  Volumes: { '/data': {}, '/with space': {} },
  WorkingDir: '/srv/$x y',
  Labels: { plain: '1', 'a b': "it's", empty: '' },
  StopSignal: 'SIGINT',
  Healthcheck: {
    Test: ['CMD-SHELL', 'curl $URL || exit 1'],
    Interval: 1_500_000_000,
    Timeout: 3e9,
    Retries: 3,
  },
  Shell: ['/bin/bash', '-o', 'pipefail', '-c'],
  OnBuild: ['RUN make', 'COPY . /src'],
};

function applied(before: ProcessConfig, lines: readonly string[]): ProcessConfig {
  let config = before;
  for (const instruction of parseInstructions(lines.join('\n'))) {
    const variables = new Map(config.Env?.map((text) => text.split(/=(.*)/s, 2) as [string, string]));
    config = applyInstruction(
      config,
      expandInstruction(instruction, (name) => variables.get(name), '\\'),
      false,
    );
  }
  return config;
}

test('the lines make the one configuration of the other, every character of it', () => {
  const { lines, unsaid } = configLines({ Env: ['PATH=/sbin'], Cmd: ['old'] }, full);
  expect(unsaid).toEqual([]);
  expect(applied({ Env: ['PATH=/sbin'], Cmd: ['old'] }, lines)).toEqual(full);
});

test('what is the same, or empty on one side and not there on the other, has no line', () => {
  expect(configLines(full, { ...full, OnBuild: null }).lines).toEqual([]);
  expect(configLines({}, { Env: [], Cmd: null, Labels: {}, User: '', OnBuild: null }).lines).toEqual([]);
});

test('what the base says and the image does not is said to be nothing', () => {
  const { OnBuild: _none, ...before } = full;
  const { lines } = configLines(before, {
    ...before,
    User: '',
    WorkingDir: '',
    Entrypoint: null,
    Cmd: null,
    Healthcheck: null,
  });
  expect(lines).toEqual(['USER 0', 'WORKDIR /', 'HEALTHCHECK NONE', 'ENTRYPOINT []']);
});

describe('what no line can say', () => {
  test('is told', () => {
    const after = { Env: ['A=1\nRUN evil'], Labels: { 'x\ny': '1' }, User: 'a\nRUN evil' };
    const { lines, unsaid } = configLines({ Env: ['B=1'] }, after);
    expect(lines).toEqual([]);
    expect(unsaid).toHaveLength(4);
  });

  test('rules out a base', () => {
    expect(lostSettings(full, { ...full, Env: ['PATH=/bin'], Volumes: null })).toEqual([
      'variable A',
      'variable B',
      'variable C',
      'volume /data',
      'volume /with space',
    ]);
    expect(lostSettings({}, full)).toEqual([]);
  });
});

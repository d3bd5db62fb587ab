import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Terminal } from '../../../../tests/support/terminal.ts';
import { done, log, started, steps } from '../../build/testing.ts';
import { type FakeBuildEngine, serveFakeBuild } from '../../testing/fake-build-engine.ts';

const program = join(import.meta.dir, '../../../bin/cais.ts');

setDefaultTimeout(60_000);

let directory: string;
let engine: FakeBuildEngine;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'build-terminal-'));
  writeFileSync(join(directory, 'Dockerfile'), 'FROM busybox\nRUN make\n');
  engine = serveFakeBuild(join(directory, 'engine.sock'));
});
afterEach(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function build(variables: Record<string, string> = {}, ...words: readonly string[]): Terminal {
  return new Terminal([process.execPath, program, 'build', ...words, directory], {
    cols: 80,
    rows: 24,
    env: {
      CAIS_HOST: `unix://${directory}/engine.sock`,
      DOCKER_CONFIG: directory,
      NO_COLOR: '',
      ...variables,
    },
  });
}

const id = `sha256:${'ab'.repeat(32)}`;
const image = { type: 'image', id, names: ['app:1'], seconds: 2 } as const;

test('steps come to life line by line, logs show below what runs and fold when it ends', async () => {
  await using terminal = build();
  await engine.asked;
  engine.tell(steps('[1/2] FROM busybox', '[2/2] RUN make'), started(0, 0), done(0, 1, { cached: true }));
  await terminal.waitFor(/\[\+\] Building [0-9.]+s \(2\/3\)/);
  await terminal.waitFor(' => CACHED [1/2] FROM busybox');
  engine.tell(started(1, 1), log(1, 'cc -c a.c\n'));
  await terminal.waitFor(' => => # cc -c a.c');
  engine.tell(done(1, 3), image);
  engine.end();
  await terminal.waitFor(/\(3\/3\) FINISHED/);
  await terminal.waitFor(/Push {3}cais push app:1\n/);
  expect(await terminal.exited()).toBe(0);
  // What has not changed is not written again, and the cursor is back.
  expect(terminal.text.split('=> CACHED [1/2] FROM busybox').length).toBe(2);
  expect(terminal.raw.lastIndexOf('\x1b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\x1b[?25l'));
});

test('a smaller window gets a smaller picture', async () => {
  await using terminal = build();
  await engine.asked;
  engine.tell(steps(`[1/1] RUN ${'x'.repeat(40)} end`), started(0, 0));
  await terminal.waitFor(`RUN ${'x'.repeat(40)} end`);
  terminal.resize(40, 10);
  terminal.signal('SIGWINCH');
  await terminal.waitFor(/RUN x+… +[0-9.]+s/);
  engine.tell(done(0, 1), image);
  engine.end();
  expect(await terminal.exited()).toBe(0);
});

test('colours, unless NO_COLOR says otherwise', async () => {
  const tell = () => {
    engine.tell(steps('a'), started(0, 0), done(0, 1), image);
    engine.end();
  };
  await using coloured = build();
  await engine.asked;
  tell();
  await coloured.exited();
  expect(coloured.raw).toContain('\x1b[34m');
  await engine[Symbol.asyncDispose]();
  engine = serveFakeBuild(join(directory, 'engine.sock'));
  await using plain = build({ NO_COLOR: '1' });
  await engine.asked;
  tell();
  await plain.exited();
  expect(plain.raw).not.toMatch(/\x1b\[\d+m/);
});

test('a failure shows the output, the lines and the error', async () => {
  await using terminal = build();
  await engine.asked;
  const message = 'process "/bin/sh -c make" did not complete successfully: exit code: 2';
  const source = [
    { line: 1, text: 'FROM busybox', marked: false },
    { line: 2, text: 'RUN make', marked: true },
  ];
  engine.tell(steps('[2/2] RUN make'), started(0, 0), log(0, 'no rule\n'), done(0, 1, { error: message }), {
    type: 'failed',
    message,
    step: 0,
    code: 2,
    source,
  });
  engine.end();
  await terminal.waitFor(' => ERROR [2/2] RUN make');
  await terminal.waitFor(/------\n > \[2\/2\] RUN make:\n[0-9.]+ no rule\n------\n/);
  await terminal.waitFor(/Dockerfile:2\n-+\n {3}1 \| {5}FROM busybox\n {3}2 \| >>> RUN make\n-+\n/);
  await terminal.waitFor(`ERROR: failed to build: failed to solve: ${message}`);
  expect(await terminal.exited()).toBe(1);
});

test('ctrl-c ends the build here and there, and gives the cursor back', async () => {
  await using terminal = build();
  await engine.asked;
  engine.tell(steps('[1/1] RUN sleep 1000'), started(0, 0));
  await terminal.waitFor('RUN sleep 1000');
  terminal.signal('SIGINT');
  await engine.left;
  await terminal.waitFor('ERROR: failed to build: failed to solve: Canceled: context canceled');
  expect(await terminal.exited()).toBe(130);
  expect(terminal.raw).toContain('\x1b[?25h');
});

/** `history --files`, `diff IMAGE IMAGE` and `commit --edit`: our CLI against a real engine. Runs as root. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSelf } from '../../src/hub/testing/test-self.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(120_000);

let engine: RunningEngine;
let directory: string;
beforeAll(async () => {
  engine = await RunningEngine.start();
  directory = mkdtempSync(join(tmpdir(), 'cais-image-changes-'));
  await committed(
    String.raw`mkdir /new; echo hello > /new/file; printf x > "/$(printf 'bad\033[31m')"; rm /etc/passwd`,
    ['-c', 'ENV A=1', '-c', 'LABEL kept=yes', '-m', 'one', 'lesson:1'],
  );
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

async function cais(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn([...testSelf, ...words], {
    env: {
      PATH: '/usr/bin:/bin',
      DOCKER_CONFIG: directory,
      DOCKER_HOST: engine.config.hosts[0] ?? '',
      ...env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** A container that has run the script, committed. @returns its id. */
async function committed(script: string, words: readonly string[], image = 'busybox'): Promise<string> {
  const id = await engine.run(['sh', '-c', script], { Image: image });
  await engine.wait(id);
  const name = words.at(-1) ?? '';
  expect(await cais(['commit', ...words.slice(0, -1), id, name])).toMatchObject({ exitCode: 0, stderr: '' });
  return id;
}

describe('history --files', () => {
  test('shows under each layer what it changed; nothing in a name reaches the terminal', async () => {
    const { stdout, stderr } = await cais(['history', '--files', 'lesson:1']);
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/);
    expect(lines[1]).toMatch(/^[0-9a-f]{12} .* one$/);
    expect(lines).toContain(String.raw`  A       1B /bad\x1b[31m`);
    expect(lines).toContain('  A       6B /new/ (1 entry)');
    expect(stdout).toMatch(/^ {2}D +\d+B \/etc\/passwd$/m);
    expect(stdout).not.toContain('\u001b');
  });

  test('gives a row for each change as a template wants it, and all of them with --no-trunc', async () => {
    const rows = ['history', '--files', '--format', '{{.Layer}} {{.Change}} {{.Path}}'];
    const short = await cais([...rows, 'lesson:1']);
    expect(short.stdout).toContain('1 A /new\n');
    expect(short.stdout).not.toContain('/new/file');
    const whole = await cais([...rows, '--no-trunc', 'lesson:1']);
    expect(whole.stdout).toContain('1 A /new\n1 A /new/file\n');
    const { stdout } = await cais(['history', '--files', '--format', 'json', 'lesson:1']);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ Layer: 1 });
  });
});

describe('diff of two images', () => {
  test('is of their files, then of their settings', async () => {
    await committed(
      'rm /new/file; echo 2 > /two',
      ['-c', 'ENV A=2', '-c', 'LABEL more=yes', 'lesson:2'],
      'lesson:1',
    );
    const { stdout } = await cais(['diff', 'lesson:1', 'lesson:2']);
    expect(stdout).toContain('C /new\nD /new/file\n');
    expect(stdout).toContain('A /two\n');
    expect(stdout).toContain('\nConfiguration:\n');
    expect(stdout).toContain('- Env A=1\n+ Env A=2\n');
    expect(stdout).toContain('+ Label more=yes\n');
    expect(stdout).not.toContain('kept');
    expect(await cais(['diff', 'lesson:1', 'lesson:1'])).toMatchObject({ exitCode: 0, stdout: '' });
    const missing = await cais(['diff', 'lesson:1', 'missing']);
    expect(missing).toMatchObject({ exitCode: 1, stdout: '' });
    expect(missing.stderr).toContain('No such image: missing:latest');
  });

  test('of a container is as docker gives it', async () => {
    const id = await engine.run(['sh', '-c', 'echo > /x']);
    await engine.wait(id);
    expect(await cais(['diff', id])).toMatchObject({ exitCode: 0, stdout: 'A /x\n' });
  });
});

describe('commit --edit', () => {
  const editor = (script: string): string => {
    const path = join(directory, `editor-${crypto.randomUUID()}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  test('takes the message from the editor, where the changed files are listed', async () => {
    const id = await engine.run(['sh', '-c', String.raw`echo > "/$(printf 'a\nb')"`]);
    await engine.wait(id);
    const seen = join(directory, 'seen');
    const env = {
      VISUAL: `${editor(`cp "$2" ${seen}; echo 'two words  ' >> "$2"; echo '#no' >> "$2"`)} --wait`,
    };
    expect((await cais(['commit', '-e', '-m', 'start', id, 'edited'], env)).exitCode).toBe(0);
    expect(readFileSync(seen, 'utf8')).toMatch(/^start\n\n# Please/);
    expect(readFileSync(seen, 'utf8')).toContain(`#   A /a${String.raw`\x0a`}b\n`);
    const { stdout } = await cais(['image', 'inspect', '--format', '{{json .Comment}}', 'edited']);
    expect(JSON.parse(stdout)).toBe('start\n\ntwo words');
  });

  test('makes nothing of an empty message, or where the editor fails', async () => {
    const id = await engine.run(['true']);
    await engine.wait(id);
    const empty = await cais(['commit', '--edit', id, 'none'], { EDITOR: 'true' });
    expect(empty).toMatchObject({ exitCode: 1, stdout: '' });
    expect(empty.stderr).toBe('Aborting commit due to empty commit message.\n');
    const failed = await cais(['commit', '--edit', '-m', 'text', id, 'none'], { EDITOR: 'false' });
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain("there was a problem with the editor 'false'");
    expect((await cais(['images', '-q', 'none'])).stdout).toBe('');
  });
});

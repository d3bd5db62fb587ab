/** `cais dockerfile`: what it writes is built, and has the same files and settings as the image that it was written from. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSelf } from '../../src/hub/testing/test-self.ts';
import { run, runChecked } from '../../src/lib/subprocess.ts';
import { imageFiles } from '../clients/support/image-files.ts';
import { RunningEngine } from '../support/running-engine.ts';

setDefaultTimeout(180_000);

let engine: RunningEngine;
let directory: string;
let env: Record<string, string>;
beforeAll(async () => {
  engine = await RunningEngine.start();
  directory = mkdtempSync(join(tmpdir(), 'cais-dockerfile-'));
  env = {
    PATH: '/usr/bin:/bin',
    DOCKER_CONFIG: directory,
    CAIS_HOST: `unix://${engine.socketPath}`,
    NO_COLOR: '1',
  };
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const cais = (...words: readonly string[]) => run([...testSelf, ...words], { env });

/** A container that has run the script, committed. */
async function commit(name: string, script: string, options: readonly string[] = [], image = 'busybox') {
  const id = await engine.run(['sh', '-c', script], { Image: image, Tty: false });
  expect(await engine.wait(id)).toBe(0);
  expect(await cais('commit', ...options, id, name)).toMatchObject({ exitCode: 0 });
}

/** A context of a Dockerfile and no file. */
async function build(name: string, ...lines: readonly string[]) {
  const context = mkdtempSync(join(directory, 'context-'));
  writeFileSync(join(context, 'Dockerfile'), lines.join('\n'));
  writeFileSync(join(context, 'file'), 'from the context');
  expect(await cais('build', '-q', '-t', name, context)).toMatchObject({ exitCode: 0 });
}

/** Writes the image's Dockerfile, builds it and compares. @returns the Dockerfile. */
async function again(image: string, ...options: readonly string[]): Promise<string> {
  const output = join(mkdtempSync(join(directory, 'again-')), 'written');
  expect(await cais('dockerfile', ...options, '-o', output, image)).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
  expect(await cais('build', '-q', '-t', 'again', output)).toMatchObject({ exitCode: 0 });
  const [before, after] = [await imageFiles(testSelf, env, image), await imageFiles(testSelf, env, 'again')];
  expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));
  expect(await settings('again')).toEqual(await settings(image));
  return readFileSync(join(output, 'Dockerfile'), 'utf8');
}

/** That something is empty or not there is the same. */
async function settings(image: string): Promise<unknown> {
  const { Config, Author } = JSON.parse(
    await runChecked([...testSelf, 'inspect', '--format', '{{json .}}', image], { env }),
  ) as { Config: Record<string, unknown>; Author: string };
  const isFilled = (value: unknown) =>
    value !== null &&
    value !== '' &&
    value !== false &&
    (typeof value !== 'object' || Object.keys(value).length > 0);
  // Those of a container that was committed say how it ran.
  const { Hostname: _name, Image: _image, ...config } = Config;
  return { Author, ...Object.fromEntries(Object.entries(config).filter(([, value]) => isFilled(value))) };
}

const hardNames = String.raw`
  mkdir /odd && cd /odd
  printf x > "it's \$HOME"; printf x > '"quoted" \'; printf x > 'line
break'; printf x > "$(printf '\377\001')"; printf x > 'ação'; mkdir 'a dir'; printf x > 'a dir/#'; ln -s '$x y' link`;

describe('an image made by hand', () => {
  test('comes again from its Dockerfile, file by file', async () => {
    await commit(
      'hand:1',
      `mkdir -p /new/empty /home/u /tmp/kept && echo hi > /new/file && ln -s file /new/link &&
       ln /new/file /new/other && echo s > /new/setuid && chmod 4755 /new/setuid && chmod 700 /new/empty &&
       mkdir -m 2775 /new/setgid && mknod /new/null c 1 3 && mkfifo /new/fifo && chmod 1777 /tmp && echo t > /tmp/t &&
       echo secret > /new/secret && chmod 600 /new/secret && echo x > /home/u/x && chown -R 1000:1000 /home/u &&
       mkdir -p /both/dir/deep /both/will-be-file /both/fresh && echo 1 > /both/dir/deep/file && echo 1 > /both/file &&
       echo 1 > /both/fresh/old && ln -s file /both/link && ${hardNames}`,
      ['-m', 'the first\nRUN evil', '-a', 'Somebody <s@example.org>', '-c', 'ENV A="two words" B=$x'],
    );
    await commit(
      'hand:2',
      `rm /etc/passwd && rm -r /both/dir && echo file > /both/dir && rm /both/file && mkdir /both/file &&
       rm -r /both/fresh && mkdir /both/fresh && echo 2 > /both/fresh/new && rm /both/link && echo 2 > /both/link &&
       chmod 755 /new/file && rm -r /odd && mkdir /odd && chown 7:8 /new/setgid && rmdir /both/will-be-file`,
      ['-a', 'Another', '-c', 'CMD ["sh", "-c", "echo $A"]', '-c', 'EXPOSE 80', '-c', 'LABEL "a b"="c d"'],
      'hand:1',
    );
    const text = await again('hand:2', '--base', 'busybox');
    expect(text).toContain('\nFROM busybox\n');
    expect(text).toContain('by Somebody <s@example.org>: the first RUN evil\n');
    expect(text).toMatch(/^COPY --chown=1000:1000 layer-2\/files-of-1000-1000\/ \/$/m);
    expect(text).not.toMatch(/^RUN evil/m);
    // Of all images with a name, the one that most layers are from.
    expect(await again('hand:2')).toContain('\nFROM hand:1\n');
  });

  test('of another user and shell is put right by root and a shell that is known', async () => {
    await build(
      'user',
      'FROM busybox',
      'RUN mkdir /gone && chmod 777 /tmp',
      'SHELL ["/bin/busybox", "sh", "-c"]',
      'USER 1000',
      'WORKDIR /tmp',
    );
    const id = await engine.run(['rm', '-r', '/gone'], { Image: 'user', User: '0' });
    expect(await engine.wait(id)).toBe(0);
    expect(await cais('commit', '-c', 'USER 1000', id, 'user:2')).toMatchObject({ exitCode: 0 });
    await again('user:2');
  });

  test('with nothing below it that has a name stands on nothing', async () => {
    await build('alone', 'FROM scratch', 'COPY file /a/', 'COPY file /b');
    const text = await again('alone');
    expect(text).toContain('\nFROM scratch\n');
    expect(text).toContain('ADD layer-1/files.tar /\n');
  });
});

describe('an image that was built', () => {
  test('has its commands again, or its files with --exact', async () => {
    await build(
      'built',
      'FROM busybox',
      'ARG WHO=some\\ body',
      'ENV GREETING="hello  there" PATH=$PATH:/app',
      'RUN chmod 777 /tmp && echo "$GREETING $WHO" > /greeting && \\',
      '    chmod 640 /greeting',
      'SHELL ["/bin/sh", "-e", "-c"]',
      'COPY --chown=3:4 --chmod=750 file /app/',
      'WORKDIR /app/deep',
      'USER 3:4',
      'RUN echo "$PWD" > /tmp/where; id -u >> /tmp/where',
      'RUN <<END',
      'echo "several',
      'lines" > /tmp/lines',
      'END',
      'ENV GREETING=bye',
      'VOLUME /data',
      'STOPSIGNAL SIGINT',
      'HEALTHCHECK --interval=90s --retries=2 CMD wget -q localhost || exit 1',
      'ONBUILD RUN echo "$GREETING"',
      'ENTRYPOINT ["sh", "-c"]',
      'CMD ["echo $GREETING"]',
    );
    const text = await again('built');
    expect(text).toContain('ARG WHO="some body"\nRUN chmod 777 /tmp && echo "$GREETING $WHO" > /greeting');
    expect(text).not.toContain('greeting.tar');
    const exact = await again('built', '--exact');
    expect(exact).not.toMatch(/^RUN /m);
  });

  test('and cannot take anything away itself comes as a whole', async () => {
    await build('bare', 'FROM busybox', 'RUN rm /bin/sh', 'RUN ["/bin/busybox", "rm", "/etc/group"]');
    const text = await again('bare');
    expect(text).toContain('\nFROM scratch\n');
    expect(text).toContain('ADD root.tar /\n');
    const refused = await cais('dockerfile', '--base', 'busybox', 'bare');
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('it has no shell to remove them with');
  });
});

describe('what cannot be', () => {
  test.each([
    [['nowhere'], 'No such image: nowhere'],
    [['--base', 'nowhere', 'busybox'], 'No such image: nowhere'],
    [
      ['--base', 'other', 'busybox'],
      "cannot use other as the base: its layers are not the image's first ones",
    ],
    [['--platform', 'linux/s390x', 'busybox'], 'does not match the specified platform'],
  ])('%j is refused', async (words, reason) => {
    await build('other', 'FROM scratch', 'COPY file /');
    const { exitCode, stdout, stderr } = await cais('dockerfile', ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(reason);
  });

  test('a directory with something in it is left alone, but for --force', async () => {
    const output = mkdtempSync(join(directory, 'full-'));
    writeFileSync(join(output, 'mine'), 'mine');
    const refused = await cais('dockerfile', '-o', output, 'busybox');
    expect(refused.stderr).toContain('the directory is not empty');
    expect(readdirSync(output)).toEqual(['mine']);
    expect(await cais('dockerfile', '-f', '-o', output, 'busybox')).toMatchObject({ exitCode: 0 });
    expect(readdirSync(output)).toEqual(expect.arrayContaining(['Dockerfile', 'mine']));
    expect((await cais('dockerfile', '-o', join(output, 'mine'), 'busybox')).stderr).toContain(
      'it is no directory',
    );
  });

  test('a disk that is full keeps no half of it', async () => {
    await commit('large', 'dd if=/dev/zero of=/large bs=1024 count=2048 2> /dev/null');
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    await runChecked(['mount', '-t', 'tmpfs', '-o', 'size=256k', 'none', disk]);
    try {
      const { exitCode, stderr } = await cais('dockerfile', '-o', join(disk, 'out'), 'large');
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/No space left|Wrote only/);
      expect(existsSync(join(disk, 'out'))).toBe(false);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      await runChecked(['umount', disk]);
    }
  });
});

test('without -o the Dockerfile alone is printed', async () => {
  await commit('printed', 'echo 1 > /one');
  const { stdout, stderr } = await cais('dockerfile', 'printed');
  expect(stdout).toMatch(/^# Written by cais dockerfile from printed,\n/);
  expect(stdout).toContain('COPY layer-2/files/ /\n');
  expect(stderr).toBe('The files that it copies are written by -o DIRECTORY.\n');
});

import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BuildEvent } from '../../../engine-api/build.ts';
import { untar } from '../../../oci/layer/untar.ts';
import { type Exchange, type Ran, runAgainstFake, type RunOptions } from '../../testing/fake-engine.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'cli-build-')));
  write('Dockerfile', 'FROM busybox\nRUN true\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(path: string, content = path): string {
  const whole = join(directory, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

const id = `sha256:${'ab'.repeat(32)}`;
const at = '2026-11-26T12:00:00.000Z';
const built: readonly BuildEvent[] = [
  { type: 'steps', steps: [{ id: 0, name: '[1/2] FROM busybox', stage: '0', text: 'FROM busybox' }] },
  { type: 'started', step: 0, at },
  { type: 'done', step: 0, at, cached: true },
  { type: 'image', id, names: ['app:1'], seconds: 1.2 },
];
const failed: readonly BuildEvent[] = [
  {
    type: 'failed',
    message: 'process "/bin/sh -c exit 3" did not complete successfully: exit code: 3',
    code: 3,
  },
];

function answers(query: string, events: readonly BuildEvent[]): Exchange {
  return {
    method: 'POST',
    path: `/cais/build${query}`,
    answer: events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  };
}

/** Runs `cais build` on the directory against an engine that answers whatever the query is. */
async function build(words: readonly string[], events = built, options: RunOptions = {}): Promise<Ran> {
  const exchanges = [answers('*', events), ...(options.exchanges ?? [])];
  return await runAgainstFake(['build', ...words], { ...options, exchanges });
}

/** The parameters of the build's request, without the provenance that every build asks for. */
function query(ran: Ran): Record<string, readonly string[]> {
  const { attest, ...rest } = wholeQuery(ran);
  return attest?.length === 1 ? rest : { ...rest, ...(attest && { attest }) };
}

function wholeQuery({ asked }: Ran): Record<string, readonly string[]> {
  const request = asked.find(({ path }) => path.startsWith('/cais/build?') || path === '/cais/build');
  const parameters = new URL(request?.path ?? '', 'http://engine').searchParams;
  return Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name)]));
}

/** The names and texts of the context that was sent. */
function context({ asked }: Ran): Record<string, string> {
  const request = asked.find(({ path }) => path.startsWith('/cais/build'));
  const chunks = [new TextEncoder().encode(request?.body ?? '')];
  const files: Record<string, string> = {};
  for (const entry of untar(() => chunks.shift() ?? new Uint8Array())) {
    files[entry.name.toString()] = Buffer.concat([...entry.content()]).toString();
  }
  return files;
}

describe('what is asked of the engine', () => {
  test('nothing but the Dockerfile’s name without flags', async () => {
    expect(query(await build([directory]))).toEqual({ dockerfile: ['Dockerfile'] });
  });

  test('the flags of the build', async () => {
    const ran = await build(
      [
        '-t',
        'app:1',
        '-t',
        'app:2',
        '--build-arg',
        'A=1',
        '--build-arg',
        'B',
        '--build-arg',
        'C',
        '--label',
        'l=x',
      ]
        .concat(['--target', 'out', '--no-cache', '--pull', '--platform', 'linux/amd64', '--network', 'none'])
        .concat(['--add-host', 'a:1.2.3.4', '--cache-from', 'x/y:1', '--cache-from', 'type=registry,ref=x/z'])
        .concat([
          '--shm-size',
          '1m',
          '-m',
          '2m',
          '--ulimit',
          'nofile=1:2',
          '--allow',
          'security.insecure',
          directory,
        ]),
      built,
      { variables: { B: 'from here', SOURCE_DATE_EPOCH: '7' } },
    );
    expect(query(ran)).toEqual({
      t: ['app:1', 'app:2'],
      target: ['out'],
      buildargs: ['{"SOURCE_DATE_EPOCH":"7","A":"1","B":"from here"}'],
      labels: ['{"l":"x"}'],
      cachefrom: ['["x/y:1","type=registry,ref=x/z"]'],
      nocache: ['1'],
      pull: ['1'],
      networkmode: ['none'],
      extrahosts: ['a:1.2.3.4'],
      platform: ['linux/amd64'],
      shmsize: ['1048576'],
      memory: ['2097152'],
      ulimits: ['[{"Name":"nofile","Soft":1,"Hard":2}]'],
      allow: ['security.insecure'],
      dockerfile: ['Dockerfile'],
    });
  });

  test('secrets go by a session of their own, never in the query', async () => {
    const file = write('token', 'hush\xff');
    const ran = await build(
      ['--secret', `id=a,src=${file}`, '--secret', 'id=b,env=KEY', '--secret', 'id=KEY', directory],
      built,
      {
        variables: { KEY: 'quiet' },
        exchanges: [{ method: 'POST', path: '/cais/build-sessions', answer: { id: 's1' } }],
      },
    );
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    expect(JSON.parse(ran.asked[0]?.body ?? '')).toEqual({
      secrets: { a: base64('hush\xff'), b: base64('quiet'), KEY: base64('quiet') },
      ssh: [],
      contexts: [],
      directories: [],
    });
    expect(query(ran)).toEqual({ session: ['s1'], dockerfile: ['Dockerfile'] });
  });

  test('stored logins go along for whatever the stages pull', async () => {
    const auth = Buffer.from('me:secret').toString('base64');
    write('config/config.json', JSON.stringify({ auths: { 'hub.test': { auth } } }));
    const { asked } = await build([directory], built, { directory: join(directory, 'config') });
    const header = asked[0]?.headers.get('x-registry-config') ?? '';
    expect(JSON.parse(Buffer.from(header, 'base64').toString())).toEqual({
      'hub.test': { username: 'me', password: 'secret', serveraddress: 'hub.test' },
    });
  });
});

describe('the context', () => {
  test('is the directory without what .dockerignore says, with the Dockerfile though it says that', async () => {
    write('.dockerignore', '*\n!src\n');
    write('src/a', 'text');
    write('other');
    expect(context(await build([directory]))).toEqual({
      '.dockerignore': '*\n!src\n',
      Dockerfile: 'FROM busybox\nRUN true\n',
      'src/': '',
      'src/a': 'text',
    });
  });

  test('NAME.dockerignore is the one of a Dockerfile called NAME', async () => {
    write('.dockerignore', '*\n');
    write('web.dockerignore', 'b\n');
    write('web', 'FROM busybox\n');
    for (const path of ['a', 'b']) write(path);
    const ran = await build(['-f', join(directory, 'web'), directory]);
    expect(query(ran)).toEqual({ dockerfile: ['web'] });
    expect(Object.keys(context(ran))).toEqual([
      '.dockerignore',
      'Dockerfile',
      'a',
      'web',
      'web.dockerignore',
    ]);
  });

  test('a Dockerfile from stdin or from elsewhere goes along under a name that COPY does not see', async () => {
    write('inner/a');
    const stdin = await build(['-f', '-', join(directory, 'inner')], built, { stdin: 'FROM scratch\n' });
    const elsewhere = await build(['-f', join(directory, 'Dockerfile'), join(directory, 'inner')]);
    for (const [ran, text] of [
      [stdin, 'FROM scratch\n'],
      [elsewhere, 'FROM busybox\nRUN true\n'],
    ] as const) {
      const [name = ''] = query(ran)['dockerfile'] ?? [];
      expect(name).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
      expect(context(ran)).toEqual({
        a: 'inner/a',
        [name]: text,
        '.dockerignore': `\n.dockerignore\n${name}\n`,
      });
    }
  });

  test('- is a Dockerfile alone, or an archive as it is', async () => {
    const alone = await build(['-'], built, { stdin: 'FROM scratch\n' });
    expect(context(alone)).toEqual({ Dockerfile: 'FROM scratch\n' });
    const archive = Buffer.alloc(1024);
    archive.write('ustar', 257, 'latin1');
    const { asked } = await build(['-f', 'sub/Dockerfile', '-'], built, {
      stdin: archive.toString('latin1'),
    });
    expect(asked[0]?.path).toEndWith('dockerfile=sub%2FDockerfile');
    expect(asked[0]?.body).toBe(archive.toString('latin1'));
  });

  test('an address is the engine’s to fetch', async () => {
    for (const address of [
      'https://x.test/a.tar.gz',
      'git@x.test:a/b.git',
      'https://x.test/a.git#main:sub',
    ]) {
      const ran = await build([address]);
      expect(query(ran)).toEqual({ remote: [address] });
      expect(ran.asked[0]?.body).toBe('');
    }
  });
});

describe('what an image is to tell of itself', () => {
  const told = async (...words: string[]): Promise<readonly string[] | undefined> =>
    wholeQuery(await build([...words, directory]))['attest'];
  const least = 'type=provenance,mode=min,inline-only=true';

  test('the least of its provenance, unless something else is said', async () => {
    expect(await told()).toEqual([least]);
    expect(await told('--sbom', '-q')).toEqual([least, 'type=sbom,disabled=false']);
    expect(await told('--sbom=false', '--provenance', 'mode=max')).toEqual([
      'type=provenance,mode=max',
      'type=sbom,disabled=true',
    ]);
    expect(await told('--attest', 'type=provenance')).toEqual(['type=provenance']);
    expect(await told('--provenance=false')).toEqual(['type=provenance,disabled=true']);
    const variables = { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
    expect(wholeQuery(await build([directory], built, { variables }))['attest']).toBeUndefined();
  });

  test.each([
    ['mode=max', 'attestation type not specified'],
    ['type=sbom,x', 'invalid value x'],
    ['type=sbom,disabled=maybe', 'strconv.ParseBool: parsing "maybe": invalid syntax'],
  ])('--attest %s', async (value, words) => {
    const { stderr, exitCode } = await build(['--attest', value, directory]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(words)]);
  });
});

describe('what is said', () => {
  test('plain lines and the image on stderr, nothing on stdout', async () => {
    const { stdout, stderr, exitCode } = await build(['-t', 'app:1', directory]);
    expect([stdout, exitCode]).toEqual(['', 0]);
    expect(stderr).toContain('#2 [1/2] FROM busybox\n#2 CACHED\n');
    expect(stderr).toEndWith(
      '\nImage  abababababab  app:1  in 1.2s\nRun    cais run --rm -it app:1\nPush   cais push app:1\n',
    );
  });

  test('-q says the id and nothing else; a failure is told all the same', async () => {
    const quiet = await build(['-q', directory]);
    expect([quiet.stdout, quiet.stderr]).toEqual([`${id}\n`, '']);
    const { stderr, exitCode } = await build(['-q', directory], failed);
    expect(stderr).toContain('ERROR: failed to build: failed to solve: process "/bin/sh -c exit 3"');
    expect(exitCode).toBe(1);
  });

  test('--progress=json gives the events as they are', async () => {
    const { stderr } = await build(['--progress', 'json', directory]);
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BuildEvent);
    expect(events.slice(-built.length)).toEqual([...built]);
  });

  test('the exit code of a failed build is 1, whatever its command ended with', async () => {
    expect((await build([directory], failed)).exitCode).toBe(1);
    expect((await build([directory], [{ type: 'failed', message: 'x' }])).exitCode).toBe(1);
    const cut = await build([directory], []);
    expect([cut.exitCode, cut.stderr]).toEqual([
      1,
      expect.stringContaining(
        'ERROR: failed to build: the engine ended the build without a result\n',
      ) as unknown as string,
    ]);
  });

  test('an engine that is none says what it says', async () => {
    const { stderr, exitCode } = await runAgainstFake(['build', directory]);
    expect(stderr).toContain('ERROR: failed to build: Error response from daemon: not declared');
    expect(exitCode).toBe(1);
  });
});

describe('what cannot be built is refused before anything is sent', () => {
  test.each([
    [['/nowhere'], 'unable to prepare context: path "/nowhere" not found'],
    [['-f', 'nope', '.'], 'failed to read dockerfile: open nope: no such file or directory'],
    [['-f', '-', '-'], "invalid argument: can't use stdin for both build context and dockerfile"],
    [
      ['--squash', '.'],
      '--squash is not supported: put what belongs together into one RUN, or use several stages',
    ],
    [['--platform', 'linux/amd64,linux/arm64', '.'], 'the engine keeps images of one platform'],
    [['--push', '.'], 'tag is needed when pushing to registry'],
    [['-o', 'type=rar,dest=x', '.'], 'unsupported output type "rar"'],
    [['-o', 'type=local', '.'], 'dest is required for local exporter'],
    [
      ['-o', 'type=oci,dest=/nowhere/x.tar', '.'],
      'invalid destination file: /nowhere/x.tar: no such file or directory',
    ],
    [['-o', '-', '-o', 'type=oci', '.'], 'multiple outputs configured to write to stdout'],
    [['--secret', 'src=x', '.'], 'secret missing ID'],
    [
      ['--secret', 'id=a,src=/nowhere', '.'],
      'failed to stat /nowhere: stat /nowhere: no such file or directory',
    ],
    [['--ssh', 'default', '.'], 'invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set'],
    [['--cache-to', 'type=gha', '.'], 'cache of type gha is not supported'],
    [['--allow', 'everything', '.'], 'invalid entitlement: everything'],
    [['--progress', 'loud', '.'], 'invalid progress mode loud'],
    [['--build-context', 'a=b', '.'], 'failed to get build context a: stat b: no such file or directory'],
  ])('%j', async (words, message) => {
    const argv = words.map((word) => (word === '.' ? directory : word));
    const { stderr, exitCode, asked } = await build(argv);
    expect(stderr).toStartWith(`ERROR: failed to build: ${message}`);
    expect([exitCode, asked]).toEqual([1, []]);
  });

  test('a context that is a file, a directory without a Dockerfile', async () => {
    const file = write('file');
    expect((await build([file])).stderr).toContain(
      `unable to prepare context: context must be a directory: ${file}`,
    );
    mkdirSync(join(directory, 'empty'));
    const { stderr } = await build([join(directory, 'empty')]);
    expect(stderr).toContain('failed to read dockerfile: open Dockerfile: no such file or directory');
  });

  test('a name that is none, in pflag’s words', async () => {
    const { stderr, exitCode } = await build(['-t', 'A B', directory]);
    expect(stderr).toStartWith('invalid argument "A B" for "-t, --tag" flag: invalid reference format');
    expect(exitCode).toBe(125);
  });

  test('a pattern in .dockerignore that is none', async () => {
    write('.dockerignore', '!\n');
    expect((await build([directory])).stderr).toContain('illegal exclusion pattern: "!"');
  });
});

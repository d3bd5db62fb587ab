import { describe, expect, test } from 'bun:test';
import { type Exchange, runAgainstFake } from '../testing/fake-engine.ts';

const post = (path: string, status?: number, answer?: unknown): Exchange => ({
  method: 'POST',
  path,
  ...(status !== undefined && { status }),
  ...(answer !== undefined && { answer }),
});
const lines = (...messages: readonly unknown[]) =>
  messages.map((each) => `${JSON.stringify(each)}\r\n`).join('');

describe('verbs over several containers', () => {
  test('stop names those that stopped on stdout, complaints on stderr, and fails', async () => {
    const exchanges = [
      post('/containers/a/stop?t=3'),
      post('/containers/b/stop?t=3', 404, { message: 'No such container: b' }),
      post('/containers/c/stop?t=3', 304),
    ];
    const ran = await runAgainstFake(['stop', '--time', '3', 'a', 'b', 'c'], { exchanges });
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([
      1,
      'a\nc\n',
      'Error response from daemon: No such container: b\n',
    ]);
  });

  test('start sums up what could not be started', async () => {
    const exchanges = [post('/containers/a/start', 404, { message: 'No such container: a' })];
    const ran = await runAgainstFake(['start', 'a'], { exchanges });
    expect(ran.stderr).toBe(
      'Error response from daemon: No such container: a\nError: failed to start containers: a\n',
    );
  });

  test('rmi -f: what is gone already is no failure', async () => {
    const exchanges: Exchange[] = [
      {
        method: 'DELETE',
        path: '/images/x?force=1',
        status: 404,
        answer: { message: 'No such image: x:latest' },
      },
    ];
    const ran = await runAgainstFake(['rmi', '-f', 'x'], { exchanges });
    expect([ran.exitCode, ran.stderr]).toEqual([0, 'Error response from daemon: No such image: x:latest\n']);
  });
});

describe('run -d', () => {
  const create = '/containers/create?name=web';
  const pull = '/images/create?fromImage=docker.io%2Flibrary%2Fbusybox&tag=latest';

  test('creates, starts, prints the id', async () => {
    const exchanges = [post(create, 201, { Id: 'abc', Warnings: [] }), post('/containers/abc/start')];
    const ran = await runAgainstFake(['run', '-d', '--name', 'web', 'busybox', 'top', '-b'], { exchanges });
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([0, 'abc\n', '']);
    expect(JSON.parse(ran.asked[0]?.body ?? '')).toMatchObject({ Image: 'busybox', Cmd: ['top', '-b'] });
  });

  test('an image that isn’t there is pulled, progress on stderr', async () => {
    const exchanges = [
      post(create, 404, { message: 'No such image: busybox:latest' }),
      post(pull, 200, lines({ status: 'Pulling from library/busybox', id: 'latest' }, { status: 'Done' })),
    ];
    const ran = await runAgainstFake(['run', '-d', '--name', 'web', 'busybox'], { exchanges });
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toStartWith(
      "Unable to find image 'busybox:latest' locally\nlatest: Pulling from library/busybox\nDone\n",
    );
    expect(ran.asked.map(({ path }) => path)).toEqual([create, pull, create]);
    expect(ran.asked[1]?.headers.get('X-Registry-Auth')).toBe('e30=');
  });

  test('--pull never leaves the registry alone', async () => {
    const exchanges = [post(create, 404, { message: 'No such image: busybox:latest' })];
    const ran = await runAgainstFake(['run', '-d', '--name', 'web', '--pull', 'never', 'busybox'], {
      exchanges,
    });
    expect([ran.exitCode, ran.asked.length]).toEqual([125, 1]);
    expect(ran.stderr).toBe(
      "cais: Error response from daemon: No such image: busybox:latest\n\nRun 'cais run --help' for more information\n",
    );
  });

  test.each([
    ['exec: "nope": executable file not found in $PATH', 127],
    ['exec: "/etc/passwd": permission denied', 126],
    ['port is already allocated', 125],
  ])('a start refused with %s exits %d', async (message, exitCode) => {
    const exchanges = [
      post(create, 201, { Id: 'abc', Warnings: [] }),
      post('/containers/abc/start', 400, { message }),
    ];
    const ran = await runAgainstFake(['run', '-d', '--name', 'web', 'busybox'], { exchanges });
    expect(ran.exitCode).toBe(exitCode);
  });

  test('-t with input that is no terminal is refused before anything is created', async () => {
    const ran = await runAgainstFake(['run', '-it', 'busybox']);
    expect([ran.exitCode, ran.stderr, ran.asked.length]).toEqual([1, 'the input device is not a TTY\n', 0]);
  });
});

describe('pull and push', () => {
  test('a failure within the stream fails the command', async () => {
    const path = '/images/create?fromImage=docker.io%2Flibrary%2Fx&tag=1';
    const exchanges = [
      post(path, 200, lines({ errorDetail: { message: 'no such host' }, error: 'no such host' })),
    ];
    const ran = await runAgainstFake(['pull', 'x:1'], { exchanges });
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([1, '', 'no such host\n']);
  });

  test('push sends the stored login of that registry', async () => {
    const exchanges = [post('/images/ghcr.io/a/b/push?tag=latest', 200, '')];
    const ran = await runAgainstFake(['push', 'ghcr.io/a/b'], { exchanges });
    expect([ran.exitCode, ran.stdout]).toEqual([0, 'Using default tag: latest\n']);
  });
});

describe('tag', () => {
  test('given a container it says so, and what was committed from it', async () => {
    const exchanges: Exchange[] = [
      post('/images/c1/tag?repo=a%2Fb&tag=1', 404, { message: 'No such image: c1:latest' }),
      { method: 'GET', path: '/containers/c1/json', answer: { Id: 'full' } },
      {
        method: 'GET',
        path: '/images/json',
        answer: [
          { Id: 'i1', RepoTags: ['a/b:0'] },
          { Id: 'i2', RepoTags: ['c:1'] },
        ],
      },
      { method: 'GET', path: '/images/i1/json', answer: { Container: 'full' } },
      { method: 'GET', path: '/images/i2/json', answer: { Container: '' } },
    ];
    const ran = await runAgainstFake(['tag', 'c1', 'a/b:1'], { exchanges });
    expect([ran.exitCode, ran.stderr]).toEqual([
      1,
      'Error response from daemon: No such image: c1:latest\nc1 is a container, not an image. Images committed from it: a/b:0\n',
    ]);
  });
});

describe('inspect', () => {
  test('prints what it found and complains about the rest', async () => {
    const exchanges: Exchange[] = [{ method: 'GET', path: '/images/x/json', answer: { Id: 'i', Size: 1 } }];
    const ran = await runAgainstFake(['inspect', 'x', 'nope'], { exchanges });
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([
      1,
      '[\n    {\n        "Id": "i",\n        "Size": 1\n    }\n]\n',
      'Error: No such object: nope\n',
    ]);
  });
});

describe('login', () => {
  const auth = (status: number, answer: unknown) => post('/auth', status, answer);

  test('a wrong password is told, and nothing is stored', async () => {
    const ran = await runAgainstFake(['login', '-u', 'alice', '--password-stdin'], {
      exchanges: [auth(401, { message: 'incorrect username or password' })],
      stdin: 'wrong\n',
      directory: '/nonexistent/cais-test',
    });
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([
      1,
      '',
      'Error response from daemon: incorrect username or password\n',
    ]);
  });

  test('the password comes from stdin without its newline', async () => {
    const ran = await runAgainstFake(['login', '-u', 'alice', '--password-stdin', 'ghcr.io'], {
      exchanges: [auth(200, { Status: 'Login Succeeded', IdentityToken: '' })],
      stdin: 'secret\r\n',
    });
    expect(JSON.parse(ran.asked[0]?.body ?? '')).toEqual({
      username: 'alice',
      password: 'secret',
      serveraddress: 'ghcr.io',
    });
    expect(ran.stdout).toBe('Login Succeeded\n');
    expect(ran.stderr).toContain('WARNING! Your credentials are stored unencrypted in ');
  });

  test('without a terminal there is nobody to ask', async () => {
    const ran = await runAgainstFake(['login', '-u', 'alice']);
    expect([ran.exitCode, ran.stderr]).toEqual([
      1,
      'Error: Cannot perform an interactive login from a non TTY device\n',
    ]);
  });
});

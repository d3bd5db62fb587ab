import { describe, expect, test } from 'bun:test';
import { type Exchange, runAgainstFake } from '../testing/fake-engine.ts';

const now = Math.trunc(Date.now() / 1000);
const id = 'db9eb23028c2414e7353515ee696b30a4f3047f5d5517315b7f8d1f47b394262';

const containers: Exchange = {
  method: 'GET',
  path: '/containers/json',
  answer: [
    {
      Id: id,
      Names: ['/web', '/other/link'],
      Image: 'busybox',
      ImageID: 'sha256:987c27707bb86c619dde5ea3a6e97dfcef543fccd370dfc7f482f82175af9312',
      Command: "sh -c 'echo a long command'",
      Created: now - 130,
      State: 'running',
      Status: 'Up 2 minutes',
      Labels: { 'com.example.team': 'a' },
      Ports: [
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { PrivatePort: 90, Type: 'tcp' },
        { PrivatePort: 91, Type: 'tcp' },
      ],
      Mounts: [],
      NetworkSettings: { Networks: { bridge: {} } },
    },
  ],
};

describe('ps', () => {
  test('docker’s columns', async () => {
    const { stdout } = await runAgainstFake(['ps'], { exchanges: [containers] });
    expect(stdout).toBe(
      'CONTAINER ID   IMAGE     COMMAND                  CREATED         STATUS         PORTS                                                NAMES\n' +
        'db9eb23028c2   busybox   "sh -c \'echo a long …"   2 minutes ago   Up 2 minutes   0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 90-91/tcp   web\n',
    );
  });

  test('-q prints ids, a template what it says, a table template its own headings', async () => {
    const run = async (...words: string[]) =>
      (await runAgainstFake(['ps', ...words], { exchanges: [containers] })).stdout;
    expect(await run('-q')).toBe('db9eb23028c2\n');
    expect(await run('-q', '--no-trunc')).toBe(`${id}\n`);
    expect(await run('--format', '{{.Names}}: {{.Label "com.example.team"}} {{.State}}')).toBe(
      'web: a running\n',
    );
    expect(await run('--format', String.raw`table {{.Names}}\t{{.Label "com.example.team"}}`)).toBe(
      'NAMES     TEAM\nweb       a\n',
    );
  });

  test('json has docker’s fields in docker’s order', async () => {
    const { stdout } = await runAgainstFake(['ps', '--format', 'json'], { exchanges: [containers] });
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual([
      'Command',
      'CreatedAt',
      'ID',
      'Image',
      'Labels',
      'LocalVolumes',
      'Mounts',
      'Names',
      'Networks',
      'Platform',
      'Ports',
      'RunningFor',
      'Size',
      'State',
      'Status',
    ]);
  });

  test('what is asked for is what the engine is asked', async () => {
    const { asked } = await runAgainstFake(['ps', '-a', '-n', '3', '-s', '-f', 'status=exited']);
    expect(asked.map(({ path }) => decodeURIComponent(path))).toEqual([
      '/containers/json?all=1&limit=3&size=1&filters={"status":{"exited":true}}',
    ]);
  });

  test('a field that isn’t there fails even where there is no container', async () => {
    const exchanges = [{ ...containers, answer: [] }];
    const { stderr, exitCode } = await runAgainstFake(['ps', '--format', '{{.Foo}}'], { exchanges });
    expect(stderr).toBe(
      'failed to execute template: template: :1:2: executing "" at <.Foo>: can\'t evaluate field Foo in type *formatter.ContainerContext\n',
    );
    expect(exitCode).toBe(1);
  });
});

const image = { Id: `sha256:${id}`, Created: now - 7200, Size: 1_982_391, Containers: -1, SharedSize: -1 };
const images = (answer: unknown, query = ''): Exchange => ({
  method: 'GET',
  path: `/images/json${query}`,
  answer,
});

describe('images', () => {
  test('a row for each name, <none> where there is none', async () => {
    const answer = [
      { ...image, RepoTags: ['busybox:latest', 'localhost:5000/x/y:1'], RepoDigests: [] },
      { ...image, RepoTags: [], RepoDigests: [] },
      { ...image, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] },
    ];
    const { stdout } = await runAgainstFake(['images'], { exchanges: [images(answer)] });
    expect(stdout).toBe(
      'REPOSITORY           TAG       IMAGE ID       CREATED       SIZE\n' +
        'busybox              latest    db9eb23028c2   2 hours ago   1.98MB\n' +
        'localhost:5000/x/y   1         db9eb23028c2   2 hours ago   1.98MB\n' +
        '<none>               <none>    db9eb23028c2   2 hours ago   1.98MB\n' +
        '<none>               <none>    db9eb23028c2   2 hours ago   1.98MB\n',
    );
  });

  test('--digests adds their column, -q names an image once', async () => {
    const answer = [{ ...image, RepoTags: ['a:1', 'a:2'], RepoDigests: ['a@sha256:f00'] }];
    const exchanges = [images(answer), images(answer, '?digests=1')];
    expect((await runAgainstFake(['images', '--digests'], { exchanges })).stdout).toContain(
      'a            1         sha256:f00   db9eb23028c2   2 hours ago   1.98MB\n',
    );
    expect((await runAgainstFake(['images', '-q'], { exchanges })).stdout).toBe('db9eb23028c2\n');
  });
});

test('search: docker’s columns, long descriptions cut', async () => {
  const answer = [
    { name: 'busybox', description: 'x'.repeat(60), star_count: 3, is_official: true },
    { name: 'alice/app', description: 'two\nlines', star_count: 0, is_official: false },
  ];
  const { stdout } = await runAgainstFake(['search', 'b'], {
    exchanges: [{ method: 'GET', path: '/images/search?term=b', answer }],
  });
  expect(stdout).toBe(
    `NAME        DESCRIPTION                                     STARS     OFFICIAL\n` +
      `busybox     ${'x'.repeat(44)}…   3         [OK]\n` +
      `alice/app   two lines                                       0         \n`,
  );
});

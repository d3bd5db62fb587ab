/** Real clients against a hub on a port: what one pushes the others pull. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../lib/log.ts';
import { type Finished, run } from '../lib/subprocess.ts';
import { testHubConfig } from './testing/test-hub-config.ts';
import { createHub } from './hub.ts';
import { openHubParts } from './parts.ts';
import { addUser } from './accounts/administer.ts';
import { serveHub } from './server.ts';
import { seed } from './seed/seed.ts';
import { testSelf } from './testing/test-self.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const password = 'correct horse battery';
const needed = ['skopeo', 'podman', 'buildah'];
const missing = needed.filter((program) => Bun.which(program) === null);

describe.skipIf(missing.length > 0)('real clients', () => {
  const resources = new AsyncDisposableStack();
  let directory = '';
  let host = '';

  const client = (...argv: readonly string[]): Promise<Finished> =>
    run(argv, {
      env: {
        ...process.env,
        REGISTRY_AUTH_FILE: join(directory, 'auth.json'),
        TMPDIR: directory,
        HOME: directory,
      },
    });
  const storage = (): string[] => [
    '--root',
    `${directory}/storage`,
    '--runroot',
    `${directory}/run`,
    '--storage-driver',
    'vfs',
  ];
  const login = (name: string, secret: string): Promise<Finished> =>
    client('skopeo', 'login', '--tls-verify=false', '-u', name, '-p', secret, host);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cais-hub-clients-'));
    resources.defer(() => rm(directory, { recursive: true, force: true }));
    const config = testHubConfig({ data: directory, listen: '127.0.0.1:0' });
    const log = createLog('hub', 'silent');
    await using parts = await openHubParts(config, log);
    await seed(parts, { report: () => undefined, distribution: false });
    await addUser(parts, { username: 'alice', email: 'a@hub.test', password });
    await addUser(parts, { username: 'bob', email: 'b@hub.test', password });
    const hub = resources.use(await createHub(config, { self: testSelf, log }));
    const server = resources.use(serveHub(hub, config.listen));
    host = `127.0.0.1:${server.port}`;
    await writeFile(join(directory, 'auth.json'), '{}');
  });

  afterAll(() => resources.disposeAsync());

  test('sign in, or are told why not', async () => {
    const refused = await login('alice', 'wrong');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('invalid username/password');
    expect((await login('alice', password)).stdout).toContain('Login Succeeded');
  });

  test('skopeo copies an official image, digest unchanged, mounted the second time', async () => {
    const source = `docker://${host}/library/busybox`;
    const flags = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    for (const target of ['alice/busybox:1', 'alice/other:1']) {
      const copied = await client('skopeo', 'copy', ...flags, source, `docker://${host}/${target}`);
      expect(copied.stderr).not.toContain('level=fatal');
      expect(copied.exitCode).toBe(0);
    }
    const digest = async (image: string): Promise<string> =>
      (
        await client(
          'skopeo',
          'inspect',
          '--tls-verify=false',
          '--format',
          '{{.Digest}}',
          `docker://${host}/${image}`,
        )
      ).stdout;
    expect(await digest('alice/busybox:1')).toBe(await digest('library/busybox:latest'));
    const tags = await client('skopeo', 'list-tags', '--tls-verify=false', `docker://${host}/alice/busybox`);
    expect(JSON.parse(tags.stdout)).toMatchObject({ Tags: ['1'] });
    const all = await client(
      'skopeo',
      'copy',
      '--all',
      '--src-tls-verify=false',
      source,
      `dir:${directory}/copy`,
    );
    expect(all.exitCode).toBe(0);
  });

  test('buildah builds on it and pushes, podman pulls and runs nothing of another digest', async () => {
    const from = await client(
      'buildah',
      ...storage(),
      'from',
      '--tls-verify=false',
      `${host}/alice/busybox:1`,
    );
    expect(from.stderr).toContain('Storing signatures');
    const container = from.stdout.trim();
    await client('buildah', ...storage(), 'config', '--label', 'made=here', container);
    await client('buildah', ...storage(), 'commit', container, 'built');
    const target = `${host}/alice/built:2`;
    const pushed = await client(
      'buildah',
      ...storage(),
      'push',
      '--tls-verify=false',
      'built',
      `docker://${target}`,
    );
    expect(pushed.exitCode).toBe(0);
    await client('buildah', ...storage(), 'rm', container);
    const pulled = await client('podman', ...storage(), 'pull', '--tls-verify=false', target);
    expect(pulled.exitCode).toBe(0);
    const searched = await client('podman', ...storage(), 'search', '--tls-verify=false', `${host}/built`);
    expect(searched.stdout).toContain(`${host}/alice/built`);
    const deleted = await client('skopeo', 'delete', '--tls-verify=false', `docker://${target}`);
    expect(deleted.exitCode).toBe(0);
    expect((await client('podman', ...storage(), 'pull', '--tls-verify=false', target)).exitCode).not.toBe(0);
  });

  test('are told the same of a repository that is not theirs and of one that is not there', async () => {
    await login('bob', password);
    const flags = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    const source = `docker://${host}/library/busybox`;
    const push = await client('skopeo', 'copy', ...flags, source, `docker://${host}/alice/busybox:1`);
    expect(push.exitCode).not.toBe(0);
    const none = await client('skopeo', 'inspect', '--tls-verify=false', `docker://${host}/alice/none`);
    expect(none.stderr).toContain('denied');
  });
});

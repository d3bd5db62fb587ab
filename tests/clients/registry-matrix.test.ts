/** The hub as a registry: what any client of the field pushes, every other one pulls, public or private, by password or access token. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finished, run } from '../../src/lib/subprocess.ts';
import { sessionOf, signUp } from '../support/hub-account.ts';
import { type RegistryClients, startRegistryClients } from '../support/registry-clients.ts';
import { type RunningHub, startHub } from '../support/running-hub.ts';

const password = 'sail-to-the-quay-9';
const names = ['docker', 'podman', 'buildah', 'skopeo', 'umoci', 'ctr'];
let hub: RunningHub;
let field: RegistryClients;
let accessToken = '';

beforeAll(async () => {
  hub = await startHub();
  await signUp(hub.url, 'alice', password);
  const headers = {
    Authorization: `Bearer ${await sessionOf(hub.url, 'alice', password)}`,
    'Content-Type': 'application/json',
  };
  const post = (path: string, body: object): Promise<Response> =>
    fetch(hub.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  for (const name of names) {
    const repository = { namespace: 'alice', name: `private-${name}`, is_private: true };
    expect((await post('/v2/repositories', repository)).status).toBe(201);
  }
  const made = await post('/v2/access-tokens', { token_label: 'clients', scopes: ['repo:write'] });
  accessToken = ((await made.json()) as { token: string }).token;
  field = await startRegistryClients(hub.host);
}, 120_000);

afterAll(async () => {
  await field?.[Symbol.asyncDispose]();
  await hub?.[Symbol.asyncDispose]();
}, 300_000);

/** The private image of this writer pushed by password, the public one by access token. */
const imageOf = (visibility: 'public' | 'private', writer: string): string =>
  `${hub.host}/alice/${visibility}-${writer}:1`;

const clientOf = (name: string): RegistryClients['clients'][number] =>
  field.clients.find((client) => client.name === name) ?? expect.unreachable(`no client ${name}`);

describe.each(names)('%s', (writer) => {
  test('pushes: by password to a private repository, by access token to a public one', async () => {
    const client = clientOf(writer);
    for (const [visibility, secret] of [
      ['private', password],
      ['public', accessToken],
    ] as const) {
      await client.login('alice', secret);
      await client.push(imageOf(visibility, writer), `${visibility} by ${writer}`);
      await client.logout();
    }
  }, 300_000);
});

describe.each(names)('%s', (reader) => {
  test('pulls without an account what every other one pushed in public', async () => {
    for (const writer of names) {
      const stamp = await clientOf(reader).pull(imageOf('public', writer));
      expect([writer, stamp]).toEqual([writer, `public by ${writer}`]);
    }
  }, 120_000);

  test('is refused what is private, in the same words as what is not there', async () => {
    const said = async (name: string): Promise<string> => {
      const { exitCode, stderr } = await clientOf(reader).attempt(name);
      expect(exitCode).not.toBe(0);
      return stderr.replaceAll(/private-\w+/g, 'NAME').replaceAll(/time="[^"]*"/g, '');
    };
    const refused = await said(imageOf('private', 'docker'));
    expect(refused).toMatch(/denied|unauthorized|authentication required|authorization failed/i);
    expect(await said(`${hub.host}/alice/private-absent:1`)).toBe(refused);
  }, 300_000);

  test('pulls with an access token what every other one pushed in private', async () => {
    const client = clientOf(reader);
    await client.login('alice', accessToken);
    for (const writer of names) {
      expect([writer, await client.pull(imageOf('private', writer))]).toEqual([
        writer,
        `private by ${writer}`,
      ]);
    }
    await client.logout();
  }, 120_000);
});

/** The distribution's and the stock one, which asks the registry itself for some verbs. */
const commands = ['/usr/bin/docker', '/usr/local/bin/docker'].filter((path) => existsSync(path));

test.each(commands)(
  '%s inspects a private manifest by access token, without its engine',
  async (docker) => {
    const config = join(field.directory, 'docker');
    const auth = btoa(`alice:${accessToken}`);
    await Bun.write(join(config, 'config.json'), JSON.stringify({ auths: { [hub.host]: { auth } } }));
    const env = { ...process.env, DOCKER_CONFIG: config };
    const inspect = (name: string): Promise<Finished> =>
      run([docker, 'manifest', 'inspect', '--insecure', name], { env });
    const { exitCode, stdout, stderr } = await inspect(imageOf('private', 'docker'));
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 2, layers: [{}] });
    expect((await inspect(`${hub.host}/alice/private-absent:1`)).exitCode).not.toBe(0);
  },
  60_000,
);

test('skopeo syncs a repository, inspects, lists and deletes', async () => {
  const { skopeo, directory } = field;
  await skopeo.run(['login', '--tls-verify=false', '-u', 'alice', '-p', password, hub.host]);
  const repository = `${hub.host}/alice/private-skopeo`;
  const copy = ['copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false'];
  await skopeo.run([...copy, `docker://${repository}:1`, `docker://${repository}:2`]);
  const tags = await skopeo.run(['list-tags', '--tls-verify=false', `docker://${repository}`]);
  expect(JSON.parse(tags)).toMatchObject({ Tags: ['1', '2'] });
  const target = join(directory, 'synced');
  await skopeo.run(['sync', '--src-tls-verify=false', '--src=docker', '--dest=dir', repository, target]);
  expect((await readdir(target)).toSorted()).toEqual(['private-skopeo:1', 'private-skopeo:2']);
  const inspect = (tag: string): Promise<string> =>
    skopeo.run(['inspect', '--tls-verify=false', '--format={{.Digest}}', `docker://${repository}:${tag}`]);
  expect(await inspect('2')).toBe(await inspect('1'));
  // As skopeo deletes it: the manifest, and with it every tag that leads there.
  await skopeo.run(['delete', '--tls-verify=false', `docker://${repository}:2`]);
  const gone = await skopeo.attempt(['inspect', '--tls-verify=false', `docker://${repository}:1`]);
  expect(gone.exitCode).not.toBe(0);
  expect(gone.stderr).toContain('manifest unknown');
}, 300_000);

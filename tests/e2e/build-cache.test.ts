/**
 * Caches that leave their engine: one engine builds and sends, another begins with what the hub has. Runs as root.
 * docs/decisions/0016-a-cache-is-an-image-manifest.md
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { BuildEvent } from '../../src/engine-api/build.ts';
import {
  build,
  buildClassic,
  cachedSteps,
  type ContextFiles,
  imageOf,
  outputOf,
} from '../support/build-request.ts';
import { signUp, tokenFor } from '../support/hub-account.ts';
import { RunningEngine } from '../support/running-engine.ts';
import { type RunningHub, startHub } from '../support/running-hub.ts';

setDefaultTimeout(120_000);

const password = 'correct horse battery';

let hub: RunningHub;
let first: RunningEngine;
let second: RunningEngine;
beforeAll(async () => {
  hub = await startHub();
  await signUp(hub.url, 'alice', password);
  [first, second] = await Promise.all([
    RunningEngine.start({ hub: hub.url }),
    RunningEngine.start({ hub: hub.url }),
  ]);
  await push(first, 'busybox', `${hub.host}/alice/base:1`);
});
afterAll(async () => {
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

const login = (): Record<string, object> => ({ [hub.host]: { username: 'alice', password } });

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function push(engine: RunningEngine, image: string, name: string): Promise<void> {
  const [repo, tag] = [name.slice(0, name.lastIndexOf(':')), name.slice(name.lastIndexOf(':') + 1)];
  await engine.call('POST', `/images/${image}/tag?${new URLSearchParams({ repo, tag })}`);
  const answer = await fetch(`http://engine/images/${repo}/push?tag=${tag}`, {
    unix: engine.socketPath,
    method: 'POST',
    headers: { 'X-Registry-Auth': encoded({ username: 'alice', password }) },
  });
  expect(await answer.text()).toContain('digest: sha256:');
}

interface Caches {
  readonly from?: string;
  readonly to?: string;
  readonly more?: Readonly<Record<string, string>>;
}

function built(
  engine: RunningEngine,
  files: ContextFiles,
  { from, to, more }: Caches = {},
): Promise<readonly BuildEvent[]> {
  const query = {
    networkmode: 'none',
    ...(from !== undefined && { cachefrom: JSON.stringify([from]) }),
    ...(to !== undefined && { cacheto: to }),
    ...more,
  };
  return build(engine, files, { query, headers: { 'X-Registry-Config': encoded(login()) } });
}

/** Steps of the build that take time, with how they ended. */
function steps(events: readonly BuildEvent[]): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(cachedSteps(events)).filter(([text]) => /^(?:RUN|COPY|WORKDIR)/.test(text)),
  );
}

function tasks(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'steps' ? event.steps.filter(({ id }) => id < 0).map(({ name }) => name) : [],
  );
}

function warnings(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'warning' && event.rule === undefined ? [event.message] : [],
  );
}

async function imageNames(engine: RunningEngine): Promise<readonly string[]> {
  const { body } = await engine.call('GET', '/images/json');
  return (body as unknown as { RepoTags: string[] }[]).flatMap(({ RepoTags }) => RepoTags);
}

/** Two stages on a base that only the hub has, with all that asks for the files of layers. */
function application(name: string): ContextFiles {
  return {
    Dockerfile: `
FROM ${hub.host}/alice/base:1 AS made
RUN mkdir -p /etc && echo worker:x:4711:4711::/:/bin/sh >> /etc/passwd; echo ${name} > /made; date >> /made
USER worker
WORKDIR /work
FROM ${hub.host}/alice/base:1
COPY source.txt /source
COPY --from=made /etc/passwd /etc/passwd
COPY --from=made --chown=worker /made /taken
RUN --mount=type=bind,from=made,source=/etc,target=/mnt grep worker /mnt/passwd > /seen
RUN true
COPY --link source.txt /linked/source
CMD ["cat", "/taken"]`,
    'source.txt': `source of ${name}\n`,
  };
}

describe('a cache in the hub', () => {
  test('gives another engine the same image, and nothing runs there', async () => {
    const ref = `${hub.host}/alice/app:cache`;
    const files = application('app');
    const sent = await built(first, files, { to: `type=registry,ref=${ref},mode=max` });
    expect(imageOf(sent)).toStartWith('sha256:');
    expect(tasks(sent)).toContain('exporting cache to registry');

    const taken = await built(second, files, { from: ref });
    expect(imageOf(taken)).toBe(imageOf(sent));
    expect(Object.values(steps(taken))).toEqual(Object.values(steps(taken)).map(() => true));
    expect(outputOf(taken)).toBe('');
    expect(tasks(taken)).toEqual([`importing cache manifest from ${ref}`, 'pulling cached layers']);
    // The base was resolved, and came with the image.
    expect(await imageNames(second)).not.toContain(`${hub.host}/alice/base:1`);
    const id = await second.run(['cat', '/taken', '/seen', '/linked/source'], { Image: imageOf(taken) });
    expect(await second.wait(id)).toBe(0);
  });

  test("is this engine's own afterwards, as far as it was brought here", async () => {
    const again = steps(await built(second, application('app')));
    expect(again['COPY source.txt /source']).toBe(true);
    const { body } = await second.call('GET', '/system/df?type=build-cache');
    const { BuildCache: records } = body as unknown as { BuildCache: { Description: string }[] };
    expect(records.map(({ Description }) => Description)).toContain('[stage-1 2/7] COPY source.txt /source');
  });

  test('with the result alone is enough where nothing has changed', async () => {
    const ref = `${hub.host}/alice/least:cache`;
    const sent = await built(first, application('least'), { to: `type=registry,ref=${ref}` });
    const taken = await built(second, application('least'), { from: `type=registry,ref=${ref}` });
    expect(imageOf(taken)).toBe(imageOf(sent));
    expect(outputOf(taken)).toBe('');
  });

  test('with the result alone gives what it has where something has changed', async () => {
    const ref = `${hub.host}/alice/changed:cache`;
    const files = application('changed');
    await built(first, files, { to: ref });
    const dockerfile = String(files['Dockerfile']).replace('RUN true', 'RUN cat /made /taken; echo changed');
    const bound = dockerfile.replace(
      'RUN cat',
      'RUN --mount=type=bind,from=made,source=/made,target=/made cat',
    );
    const taken = await built(second, { ...files, Dockerfile: bound }, { from: ref });
    expect(imageOf(taken)).toStartWith('sha256:');
    expect(outputOf(taken)).toContain('changed');
    expect(warnings(taken)).toEqual([]);
    expect(steps(taken)['COPY source.txt /source']).toBe(true);
  });

  test('in the image itself serves the classic API as well', async () => {
    const name = `${hub.host}/alice/inline:1`;
    const files = { Dockerfile: `FROM ${hub.host}/alice/base:1\nRUN date > /date` };
    const arguments_ = { buildargs: JSON.stringify({ BUILDKIT_INLINE_CACHE: '1' }) };
    const image = imageOf(await built(first, files, { more: { ...arguments_, t: name } }));
    await push(first, name, name);
    const headers = { 'X-Registry-Config': encoded(login()) };
    const query = { networkmode: 'none', cachefrom: JSON.stringify([name]), ...arguments_ };
    const { text } = await buildClassic(second, files, { query, headers });
    expect(text).toContain('Using cache');
    expect(text).toContain(`Successfully built ${image.slice(7, 19)}`);
  });

  test('is told of and not used where it cannot be had', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN echo missing > /missing' };
    const missing = await built(second, files, { from: `${hub.host}/alice/nothing:cache` });
    expect(imageOf(missing)).toStartWith('sha256:');
    expect(warnings(missing)).toEqual([expect.stringContaining('alice/nothing:cache is not used')]);
    const image = await built(second, files, { from: `${hub.host}/alice/base:1`, more: { nocache: '0' } });
    expect(warnings(image)).toEqual([]);
  });

  test('that cannot be sent fails the build, unless that is of no importance', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN echo unsent > /unsent' };
    const to = `type=registry,ref=${hub.host}/bob/not-his:cache`;
    const failed = await built(first, files, { to });
    expect(failed.at(-1)).toMatchObject({ type: 'failed' });
    const ignored = await built(first, files, { to: `${to},ignore-error=true` });
    expect(imageOf(ignored)).toStartWith('sha256:');
    expect(warnings(ignored)).toEqual([expect.stringContaining('was not exported')]);
  });

  test('holds no secret', async () => {
    const ref = `${hub.host}/alice/secret:cache`;
    const value = 'swordfish-4711';
    const opened = await first.call('POST', '/cais/build-sessions', {
      secrets: { token: Buffer.from(value).toString('base64') },
    });
    const { id } = opened.body as unknown as { id: string };
    const dockerfile =
      'FROM busybox\nRUN --mount=type=secret,id=token grep -c swordfish /run/secrets/token > /n';
    await built(
      first,
      { Dockerfile: dockerfile },
      { to: `type=registry,ref=${ref},mode=max`, more: { session: id } },
    );
    const { manifest, config } = await cacheIn('alice/secret', 'cache');
    expect(manifest).toMatchObject({ config: { mediaType: 'application/vnd.cais.build-cache.v1+json' } });
    expect(config).not.toContain(value);
    expect(config).not.toContain(Buffer.from(value).toString('base64'));
  });

  test('whose layers are not what it says is found out, and the build goes on without', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN date > /one\nRUN date > /two' };
    await built(first, files, { to: `${hub.host}/alice/honest:cache` });
    const { manifest } = await cacheIn('alice/honest', 'cache');
    const lie = { ...manifest, layers: manifest.layers.toReversed() };
    const token = await tokenFor(hub.url, 'alice', password, 'repository:alice/honest:pull,push');
    const put = await fetch(`${hub.url}/v2/alice/honest/manifests/lie`, {
      method: 'PUT',
      body: JSON.stringify(lie),
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/vnd.oci.image.manifest.v1+json',
      },
    });
    expect(put.status).toBe(201);
    const events = await built(second, files, { from: `${hub.host}/alice/honest:lie` });
    expect(imageOf(events)).toStartWith('sha256:');
    expect(warnings(events)).toEqual([expect.stringContaining('the imported cache cannot be used any more')]);
    expect(steps(events)).toEqual({ 'RUN date > /one': false, 'RUN date > /two': false });
  });
});

async function cacheIn(
  repository: string,
  tag: string,
): Promise<{ manifest: CacheManifest; config: string }> {
  const url = `${hub.url}/v2/${repository}`;
  const token = await tokenFor(hub.url, 'alice', password, `repository:${repository}:pull`);
  const headers = { Authorization: `Bearer ${token}`, Accept: 'application/vnd.oci.image.manifest.v1+json' };
  const manifest = (await (await fetch(`${url}/manifests/${tag}`, { headers })).json()) as CacheManifest;
  const config = await (await fetch(`${url}/blobs/${manifest.config.digest}`, { headers })).text();
  return { manifest, config };
}

interface CacheManifest {
  readonly config: { readonly digest: string; readonly mediaType: string; readonly size: number };
  readonly layers: readonly { readonly digest: string; readonly mediaType: string; readonly size: number }[];
}

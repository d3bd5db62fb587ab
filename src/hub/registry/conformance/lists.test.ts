/** What the official suites ask of lists: tags in pages, and referrers with their filter. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Digest, digestOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { codesOf } from '../../testing/hub-fixture.ts';
import { repo1, repo2, SuiteClient } from './suite-client.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let client: SuiteClient;
beforeAll(async () => {
  client = await SuiteClient.start();
});
afterAll(() => client[Symbol.asyncDispose]());

interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

async function referrersOf(
  repository: string,
  subject: string,
  query = '',
): Promise<{ readonly response: Response; readonly manifests: readonly Entry[] }> {
  const response = await client.send('GET', `${repository}/referrers/${subject}${query}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe(mediaTypes.ociIndex);
  const body = (await response.json()) as { schemaVersion: number; mediaType: string; manifests: Entry[] };
  expect(body).toMatchObject({ schemaVersion: 2, mediaType: mediaTypes.ociIndex });
  return { response, manifests: body.manifests };
}

async function empty(repository: string): Promise<object> {
  return { mediaType: mediaTypes.ociEmpty, digest: await client.pushBlob(repository, '{}'), size: 2 };
}

async function manifest(repository: string, fields: object): Promise<string> {
  const config = await empty(repository);
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: [config],
    ...fields,
  });
}

async function push(
  repository: string,
  bytes: string,
  mediaType: string = mediaTypes.ociManifest,
): Promise<{ readonly digest: Digest; readonly response: Response }> {
  const digest = digestOf(bytes);
  const response = await client.pushManifest(repository, digest, bytes, mediaType);
  expect(response.status).toBe(201);
  return { digest, response };
}

describe('tags', () => {
  test('of a repository that was never used are 404', async () => {
    expect((await client.send('GET', 'conformance/unused/tags/list')).status).toBe(404);
  });

  test('come in byte order, n at a time, with a link to the rest', async () => {
    const bytes = await manifest(repo1, { artifactType: 'application/vnd.example.tagged' });
    const names = ['b', 'a', 'A', '_x', '1.10', '1.9', 'Z', 'z-1'];
    for (const name of names) await client.pushManifest(repo1, name, bytes, mediaTypes.ociManifest);
    const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
    const list = async (path: string): Promise<{ tags: string[]; link: string | null }> => {
      const response = await client.send('GET', path);
      expect(response.status).toBe(200);
      const { name, tags } = (await response.json()) as { name: string; tags: string[] };
      expect(name).toBe(repo1);
      return { tags, link: response.headers.get('Link') };
    };
    expect(await list(`${repo1}/tags/list`)).toEqual({ tags: sorted, link: null });
    expect(await list(`${repo1}/tags/list?n=0`)).toEqual({ tags: [], link: null });
    expect((await list(`${repo1}/tags/list?last=Z`)).tags).toEqual(sorted.filter((tag) => tag > 'Z'));
    const walked: string[] = [];
    for (let path: string | undefined = `/v2/${repo1}/tags/list?n=3`; path !== undefined;) {
      const { tags, link } = await list(path);
      expect(tags.length).toBeLessThanOrEqual(3);
      walked.push(...tags);
      path = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];
    }
    expect(walked).toEqual(sorted);
  });

  test.each(['-1', 'abc', '1e9', ''])('n=%p is refused', async (n) => {
    const response = await client.send('GET', `${repo1}/tags/list?n=${n}`);
    expect(response.status).toBe(400);
    expect(await codesOf(response)).toEqual(['PAGINATION_NUMBER_INVALID']);
  });

  test('n may be larger than any list', async () => {
    expect((await client.send('GET', `${repo1}/tags/list?n=2147483647`)).status).toBe(200);
  });
});

describe('referrers', () => {
  test('of what nobody pushed, in a repository that nobody used, are an empty index', async () => {
    expect((await referrersOf('conformance/unused', digestOf('nothing'))).manifests).toEqual([]);
  });

  test('are listed with type and annotations, also when their subject comes later or never', async () => {
    const subject = await manifest(repo2, { annotations: { stamp: crypto.randomUUID() } });
    const reference = {
      subject: { mediaType: mediaTypes.ociManifest, digest: digestOf(subject), size: subject.length },
    };
    const artifactType = 'application/vnd.example.signature';
    const annotations = { 'org.example.key': 'value' };
    const signature = await manifest(repo2, { ...reference, artifactType, annotations });
    const plain = await manifest(repo2, reference);
    const list = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      artifactType: 'application/vnd.example.list',
      manifests: [],
      ...reference,
    });
    const first = await push(repo2, signature);
    expect(first.response.headers.get('OCI-Subject')).toBe(digestOf(subject));
    const second = await push(repo2, plain);
    const third = await push(repo2, list, mediaTypes.ociIndex);
    expect(third.response.headers.get('OCI-Subject')).toBe(digestOf(subject));
    const entries: Entry[] = [
      {
        mediaType: mediaTypes.ociManifest,
        digest: first.digest,
        size: signature.length,
        artifactType,
        annotations,
      },
      {
        mediaType: mediaTypes.ociManifest,
        digest: second.digest,
        size: plain.length,
        artifactType: mediaTypes.ociEmpty,
      },
      {
        mediaType: mediaTypes.ociIndex,
        digest: third.digest,
        size: list.length,
        artifactType: 'application/vnd.example.list',
      },
    ];
    const sorted = (all: readonly Entry[]): Entry[] => all.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
    expect(sorted((await referrersOf(repo2, digestOf(subject))).manifests)).toEqual(sorted(entries));
    await push(repo2, subject);
    const filtered = await referrersOf(
      repo2,
      digestOf(subject),
      `?artifactType=${encodeURIComponent(artifactType)}`,
    );
    expect(filtered.response.headers.get('OCI-Filters-Applied')).toBe('artifactType');
    expect(filtered.manifests).toEqual(entries.slice(0, 1));
    await client.send('DELETE', `${repo2}/manifests/${first.digest}`);
    expect((await referrersOf(repo2, digestOf(subject))).manifests).toHaveLength(2);
  });

  test('of a sha512 subject, by sha512 digests, are listed, and filtered', async () => {
    const subject = await manifest(repo2, { annotations: { stamp: crypto.randomUUID() } });
    const digest = digestOf(subject, 'sha512');
    const descriptor = { mediaType: mediaTypes.ociManifest, digest, size: subject.length };
    const artifactType = 'application/vnd.example.sha512';
    const signature = await manifest(repo2, { subject: descriptor, artifactType });
    const signed = digestOf(signature, 'sha512');
    const pushed = await client.pushManifest(repo2, signed, signature, mediaTypes.ociManifest);
    expect(pushed.status).toBe(201);
    expect(pushed.headers.get('OCI-Subject')).toBe(digest);
    const entry = { mediaType: mediaTypes.ociManifest, digest: signed, size: signature.length, artifactType };
    const query = `?artifactType=${encodeURIComponent(artifactType)}`;
    expect((await referrersOf(repo2, digest)).manifests).toEqual([entry]);
    expect((await referrersOf(repo2, digest, query)).manifests).toEqual([entry]);
    expect((await referrersOf(repo2, digest, '?artifactType=other')).manifests).toEqual([]);
    expect((await referrersOf(repo2, digestOf(subject))).manifests).toEqual([]);
  });

  test('that an older client listed under the tag of the subject are among them', async () => {
    const subject = digestOf('signed by an older client');
    const signature = await push(
      repo2,
      await manifest(repo2, { artifactType: 'application/vnd.example.old', annotations: { a: 'b' } }),
    );
    const entry = {
      mediaType: mediaTypes.ociManifest,
      digest: signature.digest,
      size: 400,
      artifactType: 'application/vnd.example.old',
      annotations: { a: 'b' },
    };
    const list = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] };
    await client.pushManifest(repo2, subject.replace(':', '-'), JSON.stringify(list), mediaTypes.ociIndex);
    const { manifests } = await referrersOf(repo2, subject);
    expect(manifests.map(({ digest }) => digest)).toEqual([signature.digest]);
    expect(manifests[0]?.annotations).toEqual({ a: 'b' });
    expect((await referrersOf(repo2, subject, '?artifactType=other')).manifests).toEqual([]);
  });

  test("that are many and large come in pages, each of a manifest's size at most", async () => {
    const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf('popular'), size: 7 };
    const digests: string[] = [];
    for (let number = 0; number < 5; number++) {
      const annotations = { text: `${number}`.repeat(1_500_000) };
      digests.push((await push(repo2, await manifest(repo2, { subject, annotations }))).digest);
    }
    const found: string[] = [];
    for (let path: string | undefined = `/v2/${repo2}/referrers/${subject.digest}`; path !== undefined;) {
      const response = await client.send('GET', path);
      const text = await response.text();
      expect(text.length).toBeLessThanOrEqual(4 * 1024 * 1024);
      found.push(...(JSON.parse(text) as { manifests: Entry[] }).manifests.map(({ digest }) => digest));
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('Link') ?? '')?.[1];
    }
    expect(found).toEqual(digests.toSorted());
  });

  test('of what is no digest are refused', async () => {
    const response = await client.send('GET', `${repo2}/referrers/sha256:short`);
    expect(response.status).toBe(400);
    expect(await codesOf(response)).toEqual(['DIGEST_INVALID']);
  });
});

test('the root tells a signed-in client that this is a registry', async () => {
  const response = await client.send('GET', '/v2/');
  expect(response.status).toBe(200);
  expect(response.headers.get('Docker-Distribution-Api-Version')).toBe('registry/2.0');
});

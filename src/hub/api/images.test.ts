/** An image by its digest: configuration, what only it needs, what was said about it. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { ImageDetail } from '../../hub-api/types.ts';
import { type Digest, digestOf, hexOf } from '../../oci/image/digest.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { fingerprint, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const address = (digest: string): string => `/v2/namespaces/alice/repositories/app/images/${digest}`;

class Pusher {
  readonly #hub: HubFixture;
  readonly #token: string;

  constructor(hub: HubFixture, token: string) {
    this.#hub = hub;
    this.#token = token;
  }

  async image(
    reference: string,
    config: object,
    layers: readonly string[],
    more: object = {},
  ): Promise<Digest> {
    const text = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers' },
      ...config,
    });
    const described = [];
    for (const layer of layers) {
      const digest = await this.#hub.pushBlob(this.#token, 'alice/app', layer);
      described.push({ mediaType: mediaTypes.ociLayer, digest, size: layer.length });
    }
    const digest = await this.#hub.pushBlob(this.#token, 'alice/app', text);
    return await this.manifest(reference, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest, size: text.length },
      layers: described,
      ...more,
    });
  }

  /** @param reference '' for its own digest. */
  async manifest(
    reference: string,
    manifest: object,
    mediaType: string = mediaTypes.ociManifest,
  ): Promise<Digest> {
    const text = JSON.stringify(manifest);
    const digest = digestOf(text);
    const response = await this.#hub.putManifest(
      this.#token,
      'alice/app',
      reference || digest,
      text,
      mediaType,
    );
    expect([response.status, await response.text()]).toEqual([201, '']);
    return digest;
  }

  async describe(digest: string): Promise<ImageDetail> {
    const response = await this.#hub.send('GET', address(digest));
    expect(response.status).toBe(200);
    return (await response.json()) as ImageDetail;
  }
}

async function open(): Promise<{ hub: HubFixture; pusher: Pusher }> {
  const hub = await HubFixture.create('alice');
  return { hub, pusher: new Pusher(hub, await hub.fullToken('alice', 'alice/app')) };
}

const described = (digest: Digest, more: object = {}): object => ({
  mediaType: mediaTypes.ociManifest,
  digest,
  size: 1,
  ...more,
});

async function index(pusher: Pusher, reference: string, manifests: readonly object[]): Promise<Digest> {
  const mediaType = mediaTypes.ociIndex;
  return await pusher.manifest(reference, { schemaVersion: 2, mediaType, manifests }, mediaType);
}

describe('an image', () => {
  test('tells what a container of it starts with', async () => {
    const { hub, pusher } = await open();
    await using _hub = hub;
    const digest = await pusher.image(
      '1.0',
      {
        config: {
          Entrypoint: ['/bin/app', '--serve'],
          Cmd: null,
          Env: ['PATH=/bin', 'A=b=c'],
          ExposedPorts: { '80/tcp': {} },
          Volumes: { '/data': {} },
          Labels: { __proto__x: 'y', 'org.opencontainers.image.title': '<b>App</b>' },
          User: 'app',
          WorkingDir: '/srv',
          StopSignal: 'SIGQUIT',
          Healthcheck: { Test: ['CMD', 'true'], Interval: 5e9, Retries: 3 },
        },
      },
      ['a layer'],
    );
    const { images } = await pusher.describe(digest);
    expect(images[0]?.config).toEqual({
      entrypoint: ['/bin/app', '--serve'],
      cmd: [],
      working_dir: '/srv',
      user: 'app',
      stop_signal: 'SIGQUIT',
      shell: [],
      ports: ['80/tcp'],
      volumes: ['/data'],
      health_check: { test: ['CMD', 'true'], interval: 5, timeout: 0, start_period: 0, retries: 3 },
      author: '',
      created: '',
      env: ['PATH=/bin', 'A=b=c'],
      labels: [
        { name: '__proto__x', value: 'y' },
        { name: 'org.opencontainers.image.title', value: '<b>App</b>' },
      ],
      on_build: [],
      is_cut: false,
    });
  });

  test('whose configuration is too much is told in part', async () => {
    const { hub, pusher } = await open();
    await using _hub = hub;
    const Env = Array.from({ length: 3000 }, (_, at) => `${at}=${'x'.repeat(100)}`);
    const history = Array.from({ length: 5000 }, () => ({ created_by: 'y'.repeat(10), empty_layer: true }));
    const digest = await pusher.image(
      '1.0',
      { config: { Env, Labels: { a: 'b'.repeat(1e6) } }, history },
      [],
    );
    const [image] = (await pusher.describe(digest)).images;
    expect(image?.config?.is_cut).toBe(true);
    expect(image?.layers?.length).toBe(1000);
    expect(JSON.stringify(image).length).toBeLessThan(300_000);
  });

  test('tells which of its bytes no other image of the repository needs', async () => {
    const { hub, pusher } = await open();
    await using _hub = hub;
    const first = await pusher.image('1.0', { author: 'one' }, ['shared layer', 'only of the first']);
    const all = (await pusher.describe(first)).full_size;
    expect((await pusher.describe(first)).unique_size).toBe(all);
    const second = await pusher.image('2.0', { author: 'two' }, ['shared layer']);
    const shared = 'shared layer'.length;
    expect((await pusher.describe(first)).unique_size).toBe(all - shared);
    expect((await pusher.describe(second)).unique_size).toBe(
      (await pusher.describe(second)).full_size - shared,
    );
    // The images of an index are its own, unless another one lists them or a tag names them.
    const both = await index(pusher, 'both', [described(first), described(second)]);
    const { unique_size, full_size, tags } = await pusher.describe(both);
    expect([unique_size, tags]).toEqual([0, ['both']]);
    const token = await hub.session('alice');
    await hub.send('POST', '/v2/namespaces/alice/repositories/app/tags/delete', {
      token,
      body: { tags: ['1.0', '2.0'] },
    });
    expect((await pusher.describe(both)).unique_size).toBe(full_size - shared);
    await index(pusher, 'other', [described(second)]);
    expect((await pusher.describe(both)).unique_size).toBe(all - shared);
  });

  test('tells what was said about it: by subject, in its index, and under cosign’s tags', async () => {
    const { hub, pusher } = await open();
    await using _hub = hub;
    const image = await pusher.image('', {}, ['a layer']);
    const attestation = await pusher.image('', { author: 'attestation' }, ['statement']);
    const both = await index(pusher, '1.0', [
      described(image, { platform: { os: 'linux', architecture: 'amd64' } }),
      described(attestation, {
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: {
          'vnd.docker.reference.type': 'attestation-manifest',
          'vnd.docker.reference.digest': image,
        },
      }),
    ]);
    const sbom = await pusher.image('', { author: 'sbom' }, ['packages'], {
      artifactType: 'application/spdx+json',
      subject: described(both),
    });
    const signature = await pusher.image(`sha256-${hexOf(image)}.sig`, { author: 'signature' }, [
      'signature',
    ]);
    const { referrers, tags } = await pusher.describe(both);
    expect(tags).toEqual(['1.0']);
    expect(referrers.map(({ size: _size, media_type: _type, ...rest }) => rest)).toEqual([
      { digest: attestation, artifact_type: 'attestation-manifest', subject: image, tag: null },
      { digest: sbom, artifact_type: 'application/spdx+json', subject: both, tag: null },
      {
        digest: signature,
        artifact_type: 'application/vnd.dev.cosign.simplesigning.v1+json',
        subject: image,
        tag: `sha256-${hexOf(image)}.sig`,
      },
    ]);
  });

  test('of a private repository is for others as one that is not there', async () => {
    const { hub, pusher } = await open();
    await using _hub = hub;
    const digest = await pusher.image('1.0', {}, ['a layer']);
    const token = await hub.session('alice');
    await hub.send('PATCH', '/v2/repositories/alice/app/', { token, body: { is_private: true } });
    const absent = address(digest).replace('/app/', '/nothing/');
    expect(await fingerprint(await hub.send('GET', address(digest)))).toEqual(
      await fingerprint(await hub.send('GET', absent)),
    );
    expect((await hub.send('GET', address(digest), { token })).status).toBe(200);
    for (const wrong of [digestOf('nothing'), 'latest', 'sha256:short']) {
      expect((await hub.send('GET', address(wrong), { token })).status).toBe(404);
    }
  });
});

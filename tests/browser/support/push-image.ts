/** Pushes a small image as any client does, to see it on the pages: blobs, then the manifest, by the distribution protocol. */
import { expect } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { attestationManifest } from '../../../src/oci/attestation/attestation-manifest.ts';
import type { Predicate } from '../../../src/oci/attestation/statement.ts';
import { parseDigest } from '../../../src/oci/image/digest.ts';
import { tokenFor } from '../../support/hub-account.ts';

export interface PushedImage {
  readonly digest: string;
  readonly mediaType: string;
  /** Of the manifest. */
  readonly size: number;
  readonly configDigest: string;
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

export interface Push {
  readonly hubUrl: string;
  readonly username: string;
  readonly password: string;
  /** `alice/app` */
  readonly repository: string;
  readonly tag: string;
  /** What a container starts with; `bash` unless told. */
  readonly run?: object;
  /** More for the manifest, as what it is about. */
  readonly manifest?: object;
}

/**
 * What made the image: `command` with content is a layer, without is a step that changed no file. Content is an archive, or so
 * many bytes that are none: enough where only sizes and history are looked at.
 */
export type Step = readonly [command: string, content?: number | Uint8Array, comment?: string];

export async function pushImage(push: Push, steps: readonly Step[]): Promise<PushedImage> {
  const scope = `repository:${push.repository}:pull,push`;
  const token = await tokenFor(push.hubUrl, push.username, push.password, scope);
  const layers = [];
  for (const [, content] of steps) {
    if (content === undefined) continue;
    const bytes = typeof content === 'number' ? randomBytes(content) : content;
    layers.push(await pushBlob(push, token, gzipSync(bytes)));
  }
  const history = steps.map(([command, content, comment]) => ({
    created: '2026-11-23T10:00:00Z',
    created_by: command,
    ...(comment && { comment }),
    ...(content === undefined && { empty_layer: true }),
  }));
  const config = await pushBlob(
    push,
    token,
    Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        config: push.run ?? { Cmd: ['bash'] },
        rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
        history,
      }),
    ),
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...layer })),
    ...push.manifest,
  });
  const answer = await fetch(`${push.hubUrl}/v2/${push.repository}/manifests/${push.tag}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': mediaType },
    body: manifest,
  });
  expect([answer.status, await answer.text()]).toEqual([201, '']);
  const bytes = Buffer.from(manifest);
  return { digest: sha256(bytes), mediaType, size: bytes.length, configDigest: config.digest, layers };
}

/** What was said about an image, as a build pushes it. */
export async function pushAttestations(
  push: Push,
  { digest, mediaType, size }: PushedImage,
  predicates: readonly Predicate[],
): Promise<void> {
  const scope = `repository:${push.repository}:pull,push`;
  const token = await tokenFor(push.hubUrl, push.username, push.password, scope);
  const subject = { digest: parseDigest(digest), mediaType, size };
  const manifest = attestationManifest(predicates, subject, ['pkg:docker/app']);
  for (const { bytes } of manifest.blobs) await pushBlob(push, token, Buffer.from(bytes));
  const answer = await fetch(`${push.hubUrl}/v2/${push.repository}/manifests/${manifest.digest}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': manifest.mediaType },
    body: new Uint8Array(manifest.bytes),
  });
  expect(answer.status).toBe(201);
}

async function pushBlob(push: Push, token: string, bytes: Buffer) {
  const digest = sha256(bytes);
  const authorization = { Authorization: `Bearer ${token}` };
  const started = await fetch(`${push.hubUrl}/v2/${push.repository}/blobs/uploads/`, {
    method: 'POST',
    headers: authorization,
  });
  expect(started.status).toBe(202);
  const upload = new URL(started.headers.get('Location') ?? '', push.hubUrl);
  upload.searchParams.set('digest', digest);
  const ended = await fetch(upload, {
    method: 'PUT',
    headers: { ...authorization, 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  });
  expect(ended.status).toBe(201);
  return { digest, size: bytes.length };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${new Bun.CryptoHasher('sha256').update(bytes).digest('hex')}`;
}

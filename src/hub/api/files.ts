/** The files of an image without pulling it: its tree, one file's text, and what changed since another image or layer. */
import { z } from 'zod';
import type { File, FileChange } from '../../hub-api/types.ts';
import {
  fileChangePageSchema,
  fileChangeQuery,
  fileContentQuery,
  fileContentSchema,
  fileListQuery,
  filePageSchema,
} from '../../hub-api/schemas/files.ts';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { type Digest, tryParseDigest } from '../../oci/image/digest.ts';
import { parseManifest } from '../../oci/image/manifest.ts';
import { baseOf } from '../../oci/layer/layer-path.ts';
import { compareTrees, type FileChange as TreeChange } from '../files/compare-trees.ts';
import type { ImageTree, TreeEntry } from '../files/image-tree.ts';
import { decodePath, encodePath, readablePath } from '../files/path-text.ts';
import { authorize } from './access.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { timeOf } from './present.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const imageParams = repositoryParams.extend({ digest: z.string() });

const listFiles = route({
  method: 'GET',
  ...below('/images/{digest}/files'),
  id: 'listFiles',
  tag: 'Images',
  summary: 'What a directory of an image holds. Read from the layers on first use, which may take a second.',
  auth: 'optional',
  params: imageParams,
  query: fileListQuery,
  answers: { 200: filePageSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'pull');
    const tree = await parts.files.tree(await layersOf(parts, repository.id, call.params.digest));
    const page = pageRequest(call.query);
    const directory = decodePath(call.query.path);
    if (tree.get(directory)?.kind !== 'directory') throw new NotFoundError('the image has no such directory');
    const entries = tree.list(directory);
    const shown = entries.slice(page.offset, page.offset + page.limit);
    const results = shown.map((entry) => presentFile(tree, entry));
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, entries.length, results));
  },
});

const readFile = route({
  method: 'GET',
  ...below('/images/{digest}/content'),
  id: 'readFile',
  tag: 'Images',
  summary: 'The text of one file of an image.',
  auth: 'optional',
  params: imageParams,
  query: fileContentQuery,
  answers: { 200: fileContentSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'pull');
    const all = await layersOf(parts, repository.id, call.params.digest);
    const layers = all.slice(0, call.query.layers);
    const { entry, text, reason } = await parts.files.content(layers, decodePath(call.query.path));
    const file = presentFile(await parts.files.tree(layers), entry);
    return Response.json({ file, text: text ?? null, reason });
  },
});

const listChanges = route({
  method: 'GET',
  ...below('/images/{digest}/changes'),
  id: 'listFileChanges',
  tag: 'Images',
  summary: 'Which files differ between an image and another, or what one of its layers did.',
  auth: 'optional',
  params: imageParams,
  query: fileChangeQuery,
  answers: { 200: fileChangePageSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'pull');
    const layers = await layersOf(parts, repository.id, call.params.digest);
    const { since, layer } = call.query;
    const [older, newer] =
      layer === undefined
        ? [since === undefined ? [] : await layersOf(parts, repository.id, since), layers]
        : aroundLayer(layers, layer);
    const [before, after] = [await parts.files.tree(older), await parts.files.tree(newer)];
    const changes = compareTrees(before, after);
    const page = pageRequest(call.query);
    const results = changes
      .slice(page.offset, page.offset + page.limit)
      .map((change) => presentChange(before, after, change));
    const count = (kind: TreeChange['kind']): number =>
      changes.filter((change) => change.kind === kind).length;
    return Response.json({
      ...pageOf(parts.originOf(call.request), call.url, page, changes.length, results),
      added: count('added'),
      changed: count('changed'),
      removed: count('removed'),
    });
  },
});

function aroundLayer(layers: readonly Digest[], layer: number): [readonly Digest[], readonly Digest[]] {
  if (layer >= layers.length)
    throw new InvalidError(`layer: the image has ${layers.length} layers, the lowest is 0`);
  return [layers.slice(0, layer), layers.slice(0, layer + 1)];
}

/** @throws NotFoundError when the repository has no such image. */
async function layersOf(parts: ApiParts, repositoryId: number, text: string): Promise<readonly Digest[]> {
  const digest = tryParseDigest(text);
  const stored = digest && (await parts.manifests.get(repositoryId, { digest }));
  const manifest = stored && parseManifest(stored.bytes, stored.media_type);
  if (manifest?.kind !== 'image') throw new NotFoundError('object not found');
  return manifest.image.layers.map((layer) => layer.digest);
}

function presentChange(before: ImageTree, after: ImageTree, change: TreeChange): FileChange {
  return {
    path: encodePath(change.path),
    readable_path: readablePath(change.path),
    kind: change.kind,
    before: change.before ? presentFile(before, change.before) : null,
    after: change.after ? presentFile(after, change.after) : null,
  };
}

function presentFile(tree: ImageTree, entry: TreeEntry): File {
  const { path, kind, mode, uid, gid, mtime, link, layer } = entry;
  return {
    name: readablePath(baseOf(path)),
    path: encodePath(path),
    kind: kind as File['kind'],
    mode,
    uid,
    gid,
    size: tree.sizeOf(path),
    modified: timeOf(clampTime(mtime) * 1000),
    link_target: link === '' ? null : readablePath(link),
    layer,
  };
}

/** What the calendar of JavaScript ends at; an archive may say anything. */
function clampTime(seconds: number): number {
  return Math.min(Math.max(seconds, -8.64e12), 8.64e12);
}

export const fileRoutes: readonly Route[] = [listFiles, readFile, listChanges];

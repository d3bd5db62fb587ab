/** What a build has made for its outputs: pushed or saved as one image or as an index, or its files. cais's own routes. */
import { z } from 'zod';
import { compressionTypes, requireLevel } from '../../engine-api/layer-compression.ts';
import { InvalidError } from '../../lib/errors.ts';
import { parseReference, type Reference, withDefaultTag } from '../../oci/image/reference.ts';
import type { BuildDependencies } from '../build/dependencies.ts';
import { exportImages } from '../build/export-image.ts';
import { saveSet } from '../images/archive/save.ts';
import { saveLayout } from '../images/archive/save-layout.ts';
import type { ImageSet } from '../images/image-set.ts';
import { pushSet } from '../images/push.ts';
import { parseBody } from './body.ts';
import { progressResponse } from './progress.ts';
import { registryCredentials } from './registry-auth.ts';
import type { ApiRequest, Route } from './route.ts';

export function imageSetRoutes(deps: BuildDependencies): Route[] {
  return [
    { method: 'GET', path: '/cais/image-sets/files', handle: (request) => files(deps, request) },
    { method: 'POST', path: '/cais/image-sets/push', handle: (request) => push(deps, request) },
    { method: 'POST', path: '/cais/image-sets/save', handle: (request) => save(deps, request) },
  ];
}

const annotations = z.record(z.string(), z.string()).default({});
const setSchema = z.object({
  names: z.array(z.string()).default([]),
  images: z.array(z.object({ id: z.string(), annotations, descriptor: annotations })),
  index: z.object({ annotations, descriptor: annotations }).optional(),
  compression: z
    .object({
      type: z.enum(compressionTypes),
      level: z.int().min(0).optional(),
      isForced: z.boolean(),
    })
    .optional(),
  isOci: z.boolean().default(false),
  /** Of save: docker's archive, which is of images that have names. */
  isDocker: z.boolean().default(false),
});

async function readSet(
  { images }: BuildDependencies,
  request: ApiRequest,
): Promise<{ readonly names: Reference[]; readonly set: ImageSet; readonly isDocker: boolean }> {
  const body = parseBody(setSchema, 'ImageSet', await request.json());
  const { compression } = body;
  if (compression?.level !== undefined) requireLevel(compression.level, compression.type);
  return {
    names: body.names.map((name) => withDefaultTag(parseReference(name))),
    set: {
      images: body.images.map(({ id, ...rest }) => ({ image: images.resolve(id), ...rest })),
      index: body.index,
      compression,
      isOci: body.isOci,
    },
    isDocker: body.isDocker,
  };
}

async function push(deps: BuildDependencies, request: ApiRequest): Promise<Response> {
  const { names, set } = await readSet(deps, request);
  const [reference, ...others] = names;
  if (!reference || others.length > 0) throw new InvalidError('one name is needed');
  const { tag = '', digest, ...name } = reference;
  if (digest !== undefined) throw new InvalidError('cannot push a digest reference');
  const access = { hosts: deps.hosts, credentials: registryCredentials(request.headers) };
  return progressResponse(
    (report, gone) => pushSet(deps, { ...access, name, tag, set, signal: gone }, report),
    request.signal,
  );
}

/** An OCI layout, or docker's archive. */
async function save(deps: BuildDependencies, request: ApiRequest): Promise<Response> {
  const { names, set, isDocker } = await readSet(deps, request);
  const saving = isDocker ? saveSet(deps.images, set, names) : saveLayout(deps.images, set, names);
  return new Response(await saving, { headers: archive });
}

const archive = { 'Content-Type': 'application/x-tar' };

/** `?image=ID`, or `?image=ID&directory=linux_arm64` for each of several; `&attestation=sbom` with what is said about them. */
async function files(deps: BuildDependencies, { query, signal }: ApiRequest): Promise<Response> {
  const directories = query.getAll('directory');
  const images = query.getAll('image').map((name, at) => ({ name, directory: directories[at] }));
  const attestations = { types: query.getAll('attestation'), prefix: query.get('prefix') ?? '' };
  return new Response(await exportImages(deps, images, attestations, signal), { headers: archive });
}

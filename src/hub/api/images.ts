/** One image or index of a repository by its digest: what it is made of, what names it, and what was said about it. */
import { z } from 'zod';
import { imageDetailSchema } from '../../hub-api/schemas/images.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { tryParseDigest } from '../../oci/image/digest.ts';
import { useOfImage } from '../repositories/image-use.ts';
import { authorize } from './access.ts';
import { detailImages, platforms } from './describe-tag.ts';
import { findReferrers } from './find-referrers.ts';
import { optionalTime, timeOf } from './present.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const getImage = route({
  method: 'GET',
  ...below('/images/{digest}'),
  id: 'getImage',
  tag: 'Images',
  summary: 'An image or an index by its digest, with the layers and the configuration of each platform.',
  auth: 'optional',
  params: repositoryParams.extend({ digest: z.string() }),
  answers: { 200: imageDetailSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'pull');
    const digest = tryParseDigest(call.params.digest);
    const use = digest && (await useOfImage(parts.database, repository.id, digest));
    if (!use) throw new NotFoundError('object not found');
    const { roots, imagesOf } = await platforms(parts, repository.id, [digest]);
    const root = roots.get(digest);
    if (!root) throw new NotFoundError('object not found');
    const images = imagesOf(digest);
    return Response.json({
      digest,
      media_type: root.media_type,
      artifact_type: use.artifact_type,
      full_size: root.image_size,
      unique_size: use.uniqueSize,
      images: await detailImages(parts, repository.id, images),
      tags: use.tags,
      referrers: await findReferrers(parts, repository.id, digest, images),
      last_updated: timeOf(root.pushed_at),
      last_updater_username: use.pushed_by_name ?? '',
      last_pulled: optionalTime(root.last_pulled_at),
    });
  },
});

export const imageRoutes: readonly Route[] = [getImage];

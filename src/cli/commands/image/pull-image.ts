/** One pull: the name, the stored login, the progress. Used by `pull` and by `run` for a missing image. */
import { formatRepository, type Reference } from '../../../oci/image/reference.ts';
import type { CliContext } from '../../context.ts';
import type { Output } from '../../output.ts';
import { showProgress } from '../../progress.ts';
import { registryAuth } from '../../registry-auth.ts';

export interface PullOptions {
  readonly platform: string | undefined;
  readonly out: Output;
  /** Every tag of the repository. */
  readonly allTags?: boolean;
}

/** Pulls and shows how. A reference with neither tag nor digest and not `allTags` means nothing here: give it a tag first. */
export async function pullImage(context: CliContext, image: Reference, options: PullOptions): Promise<void> {
  const response = await context.engine.call('POST', '/images/create', {
    query: {
      fromImage: formatRepository(image),
      tag: options.allTags === true ? undefined : (image.digest ?? image.tag),
      platform: options.platform,
    },
    headers: await registryAuth(context, image),
  });
  await showProgress(response.body, options.out);
}

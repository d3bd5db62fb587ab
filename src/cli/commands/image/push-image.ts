/** One push: the name, the stored login, the progress. Used by `push` and by `build --push`. */
import { pathOf } from '../../../engine-api/client.ts';
import { parsePlatform } from '../../../oci/image/platform.ts';
import { formatRepository, type Reference } from '../../../oci/image/reference.ts';
import type { CliContext } from '../../context.ts';
import type { Output } from '../../output.ts';
import { showProgress } from '../../progress.ts';
import { registryAuth } from '../../registry-auth.ts';

export interface PushOptions {
  readonly platform: string | undefined;
  readonly out: Output;
}

/** Pushes and shows how. A reference without a tag means every tag of the repository. */
export async function pushImage(
  context: CliContext,
  image: Reference,
  { platform, out }: PushOptions,
): Promise<void> {
  const response = await context.engine.call('POST', `/images/${pathOf(formatRepository(image))}/push`, {
    query: { tag: image.tag, platform: platform && JSON.stringify(parsePlatform(platform)) },
    headers: await registryAuth(context, image),
  });
  await showProgress(response.body, out);
}

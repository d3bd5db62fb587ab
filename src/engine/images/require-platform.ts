/** An image that is there and for another machine is, to who asked for a platform, not there. */
import { NotFoundError } from '../../lib/errors.ts';
import type { ImageConfig } from '../../oci/image/image-config.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../../oci/image/platform.ts';

/** @param name as the user gave it. @throws NotFoundError in docker's words, on which its client pulls. */
export function requirePlatform(config: ImageConfig, wanted: Platform, name: string): void {
  const { os, architecture, variant } = config;
  const offered: Platform = { os, architecture, ...(variant !== undefined && { variant }) };
  if (matchesPlatform(offered, wanted)) return;
  throw new NotFoundError(
    `image with reference ${name} was found but its platform (${formatPlatform(offered)}) ` +
      `does not match the specified platform (${formatPlatform(wanted)})`,
  );
}

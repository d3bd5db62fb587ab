/** Platforms in a query, as JSON: `platform={"os":"linux","architecture":"arm64"}`. Pull and import take `linux/arm64` instead. */
import { z } from 'zod';
import { InvalidError } from '../../lib/errors.ts';
import type { Platform } from '../../oci/image/platform.ts';
import { parseBody } from './body.ts';

const text = z.string().nullish();
const platformSchema = z.looseObject({ os: text, architecture: text, variant: text });

/** @throws InvalidError for more than one. */
export function platformOf(query: URLSearchParams): Platform | undefined {
  const platforms = platformsOf(query, 'platform');
  if (platforms.length > 1) throw new InvalidError('multiple platform parameters not supported');
  return platforms[0];
}

/** @param name of a parameter that may be given several times. @throws InvalidError in docker's words. */
export function platformsOf(query: URLSearchParams, name: string): Platform[] {
  return query
    .getAll(name)
    .filter((given) => given !== '')
    .map(parse);
}

function parse(given: string): Platform {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch (cause) {
    throw new InvalidError(`failed to parse platform: ${JSON.stringify(given)} is not JSON`, { cause });
  }
  const { os, architecture, variant } = parseBody(platformSchema, 'Platform', value);
  if (!os && !architecture && variant)
    throw new InvalidError('optional platform fields provided, but OS and Architecture are missing');
  if (!os || !architecture) throw new InvalidError('both OS and Architecture must be provided');
  return { os, architecture, ...(variant && { variant }) };
}

/**
 * What a page would have to ask the hub before it can show anything stands in its document: read there by ../hub/document.ts. It is
 * the same for everybody.
 */
import { constants } from 'node:zlib';
import type { SignInMethods } from '../../hub-api/types.ts';
import type { Asset } from './asset.ts';
import { encode } from './encode.ts';

export interface DocumentFacts {
  readonly signInMethods: SignInMethods;
}

/** The document with them in its head. */
export async function withFacts(document: Asset, { signInMethods }: DocumentFacts): Promise<Asset> {
  const text = await (document.bodies.identity ?? new Blob()).text();
  const content = escaped(JSON.stringify(signInMethods));
  const written = text.replace(
    '</head>',
    () => `<meta name="sign-in-methods" content="${content}" /></head>`,
  );
  const { identity, br, gzip } = encode(new TextEncoder().encode(written), constants.BROTLI_DEFAULT_QUALITY);
  const bodies = {
    identity: new Blob([identity]),
    ...(br && { br: new Blob([br]) }),
    ...(gzip && { gzip: new Blob([gzip]) }),
  };
  return { ...document, bodies };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

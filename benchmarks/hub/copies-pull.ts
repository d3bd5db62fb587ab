/** What an engine asks the hub for in a pull of an image that it has nothing of; the bytes come from the store. */
import { CorruptError } from '../../src/lib/errors.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { type PreparedRequest, prepareRequest } from '../support/http-load.ts';
import type { CopiesField } from './copies-field.ts';
import { pathOf, tagOf } from './million-repositories.ts';

type Pull = readonly PreparedRequest[];

/**
 * A token, the manifest by its tag (HEAD, GET), where its config and its layer are. Of so many images, each in a repository of its
 * own; their tokens last for five minutes.
 */
export async function preparePulls(field: CopiesField, count: number): Promise<readonly Pull[]> {
  const pulls: Pull[] = [];
  for (let number = 0; number < count; number++) {
    const index = Math.floor((number * field.repositories) / count);
    pulls.push(await prepare(field, pathOf(index), tagOf(number)));
  }
  return pulls;
}

async function prepare({ copies, layer }: CopiesField, path: string, tag: string): Promise<Pull> {
  const url = copies[0]?.url ?? '';
  const scope = `/token?service=bench&scope=repository:${path}:pull`;
  const { token } = (await (await fetch(url + scope)).json()) as { token: string };
  const headers = { Authorization: `Bearer ${token}`, Accept: mediaTypes.ociManifest };
  const found = await fetch(`${url}/v2/${path}/manifests/${tag}`, { headers });
  const { config } = (await found.json()) as { config: { digest: string } };
  return [
    prepareRequest('GET', scope, {}),
    prepareRequest('HEAD', `/v2/${path}/manifests/${tag}`, headers),
    prepareRequest('GET', `/v2/${path}/manifests/${tag}`, headers),
    prepareRequest('GET', `/v2/${path}/blobs/${config.digest}`, headers),
    prepareRequest('GET', `/v2/${path}/blobs/${layer.digest}`, headers),
  ];
}

/** The store has what the hub sends clients there for. */
export async function requireBytes({ copies, layer }: CopiesField): Promise<void> {
  const url = copies[0]?.url ?? '';
  const path = pathOf(0);
  const asked = await fetch(`${url}/token?service=bench&scope=repository:${path}:pull`);
  const { token } = (await asked.json()) as { token: string };
  const headers = { Authorization: `Bearer ${token}` };
  const bytes = await (await fetch(`${url}/v2/${path}/blobs/${layer.digest}`, { headers })).bytes();
  if (digestOf(bytes) !== layer.digest)
    throw new CorruptError('the store gives other bytes than were pushed');
}

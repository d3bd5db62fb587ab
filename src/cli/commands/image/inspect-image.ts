/** One image for `inspect`, with what its build said of it where the format asks for that: it is long, and may be far away. */
import { pathOf } from '../../../engine-api/client.ts';
import type { Query } from '../../../engine-api/client.ts';
import { parseReference, type RepositoryName } from '../../../oci/image/reference.ts';
import type { CliContext } from '../../context.ts';
import { registryAuth } from '../../registry-auth.ts';

/** As `docker buildx imagetools inspect` has them: `{{json .Provenance.SLSA}}`, `{{json .SBOM.SPDX}}`. */
const attestationFields = /\.(?:SBOM|Provenance)\b/;

export async function inspectImage(
  context: CliContext,
  name: string,
  format: string | undefined,
  query: Query = {},
): Promise<object> {
  const path = `/images/${pathOf(name)}/json`;
  if (format === undefined || !attestationFields.test(format)) return await context.engine.get(path, query);
  const repository = repositoryOf(name);
  const headers = repository ? await registryAuth(context, repository) : {};
  const response = await context.engine.call('GET', path, {
    query: { ...query, attestations: true },
    headers,
  });
  return { Provenance: null, SBOM: null, ...((await response.json()) as object) };
}

/** Undefined for an id. */
function repositoryOf(name: string): RepositoryName | undefined {
  try {
    return parseReference(name);
  } catch {
    return undefined;
  }
}

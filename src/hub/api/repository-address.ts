/** Where a repository is in the API: below its namespace, and where Docker Hub had it before. */
import { z } from 'zod';

/** A name of several parts is given as it is, or with `%2F` where what follows would be read as something of the API. */
export const repositoryParams = z.object({ namespace: z.string(), repository: z.string() });

/** The address of something below a repository, and its other address. */
export function below(rest: '' | `/${string}`): {
  readonly path: string;
  readonly aliases: readonly string[];
} {
  return {
    path: `/v2/namespaces/{namespace}/repositories/{repository}${rest}`,
    aliases: [`/v2/repositories/{namespace}/{repository}${rest}`],
  };
}

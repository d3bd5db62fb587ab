/** What commands of the shell are given: the name of a namespace or of one of its repositories, and settings as flags. */
import type { z } from 'zod';
import type { HubParts } from '../hub/parts.ts';
import { tryParseRepositoryPath } from '../hub/repositories/repository-path.ts';
import { visibilityOf } from '../hub/repositories/repository-store.ts';
import { InvalidError, NotFoundError } from '../lib/errors.ts';

export interface Place {
  /** As it is called. */
  readonly name: string;
  readonly namespace: string;
  /** Undefined: all of the namespace. */
  readonly repositoryId: number | undefined;
}

/** @throws NotFoundError */
export async function findPlace({ accounts, repositories }: HubParts, name: string): Promise<Place> {
  const path = tryParseRepositoryPath(name);
  const repository = path && (await repositories.find(path));
  if (path && repository && visibilityOf(repository) !== 'absent') {
    return { name, namespace: path.namespace, repositoryId: repository.id };
  }
  if (!name.includes('/') && (await accounts.findByName(name))) {
    return { name, namespace: name, repositoryId: undefined };
  }
  throw new NotFoundError(
    name.includes('/') ? `there is no repository ${name}` : `there is no account or organization ${name}`,
  );
}

/** What flags say, as the API takes it. @throws InvalidError naming what is wrong. */
export function readAs<T extends z.ZodType>(schema: T, what: string, given: unknown): z.output<T> {
  const { data, error } = schema.safeParse(given);
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  throw new InvalidError(`cannot make the ${what}: ${issue?.path.join('.')}: ${issue?.message}`);
}

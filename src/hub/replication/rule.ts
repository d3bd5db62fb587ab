/** A rule of replication: which tags of which repositories, and where they go. */
import { RegistryClient } from '../../oci/distribution/client.ts';
import { anonymous, type Credentials } from '../../oci/distribution/credentials.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';
import { NamePattern } from '../repositories/name-pattern.ts';
import type { Secrets } from '../secrets/secrets.ts';

export interface ReplicationRule {
  readonly id: number;
  readonly name: string;
  /** Patterns: of whole paths, and of tags. */
  readonly repositories: string;
  readonly tags: string;
  /** An origin. */
  readonly registry: string;
  /** Before the path of each repository there, with a slash at its end unless it is empty. */
  readonly prefix: string;
  readonly username: string;
  /** Sealed; '' where there is none. */
  readonly secret: string;
  readonly secret_file: string;
  readonly is_insecure: number;
  readonly is_on_push: number;
  /** In milliseconds, between two comparisons of everything; 0: none by itself. */
  readonly period: number;
  readonly mirrors_deletions: number;
  readonly is_enabled: number;
  readonly created_at: number;
  /** When everything was compared last; less than 0: it is to be compared now. */
  readonly swept_at: number;
}

export class RuleMatcher {
  readonly #repositories: NamePattern;
  readonly #tags: NamePattern;

  constructor({ repositories, tags }: Pick<ReplicationRule, 'repositories' | 'tags'>) {
    this.#repositories = NamePattern.of(repositories);
    this.#tags = NamePattern.of(tags);
  }

  matchesRepository(path: string): boolean {
    return this.#repositories.matches(path);
  }

  matchesTag(tag: string): boolean {
    return this.#tags.matches(tag);
  }
}

/** Where a repository of this hub is there. */
export function targetOf({ registry, prefix }: ReplicationRule, path: string): RepositoryName {
  return { domain: new URL(registry).host, path: prefix + path };
}

/** @throws CorruptError, NotFoundError when the password cannot be had. */
export async function clientOf(
  rule: ReplicationRule,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<RegistryClient> {
  const url = new URL(rule.registry);
  const endpoint = { domain: url.host, origins: [url], insecure: rule.is_insecure === 1 };
  const credentials = await credentialsOf(rule, secrets);
  return new RegistryClient({ endpoint, credentials, signal }, ['pull', 'push']);
}

async function credentialsOf(rule: ReplicationRule, secrets: Secrets): Promise<Credentials> {
  if (rule.username === '') return anonymous;
  const fromFile = rule.secret_file !== '';
  const password = fromFile ? await secrets.fromFile(rule.secret_file) : await secrets.open(rule.secret);
  return { kind: 'password', username: rule.username, password };
}

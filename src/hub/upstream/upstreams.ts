/** Which upstream registry a name is to be had from, where the hub has no such repository itself. */
import type { HubDatabase, KeptStatement } from '../db/database.ts';
import { defaultDomain } from '../../oci/image/reference.ts';
import { type RepositoryPath, tryParseRepositoryPath } from '../repositories/repository-path.ts';
import type { Patience } from './patience.ts';
import { Upstream } from './upstream.ts';
import type { UpstreamConfig } from './upstream-config.ts';

/** A repository of an upstream registry. */
export interface UpstreamPlace {
  readonly upstream: Upstream;
  /** As that registry has it: `owner/name`. */
  readonly path: string;
  /** The hub has the name itself, and does not say so: nothing is to be found there. */
  readonly isHidden?: boolean;
}

export class Upstreams {
  readonly all: ReadonlyMap<string, Upstream>;
  readonly #config: UpstreamConfig;
  readonly #own: KeptStatement<{ found: number }>;

  constructor(config: UpstreamConfig, database: HubDatabase, patience?: Patience) {
    this.#config = config;
    const { transfers, reach } = config;
    const bounds = { publicFor: Math.max(config.tagAge, 60_000), transfers, reach };
    this.all = new Map(
      config.registries.map((registry) => [registry.name, new Upstream(registry, bounds, patience)]),
    );
    this.#own = database.prepareKept(
      `SELECT 1 AS found FROM own_namespaces WHERE namespace = ?
       UNION ALL SELECT 1 FROM deleted_repositories WHERE namespace = ? AND name = ? LIMIT 1`,
    );
  }

  /**
   * Undefined: the hub alone can have it. That is so of whatever is below the name of an account, there or gone: nobody gets to
   * put an image upstream in the place of one that the hub had, or will have.
   */
  async find(path: RepositoryPath): Promise<UpstreamPlace | undefined> {
    const place = this.#placeOf(path);
    if (!place || !this.#isWanted(`${place.upstream.name}/${place.path}`)) return undefined;
    const { namespace, name } = path;
    return (await this.#own.get(namespace, namespace, name)) ? undefined : place;
  }

  /**
   * The path that a mirror's client means: it names the registry that it wants, in `?ns=`, and that registry's path.
   * https://github.com/containerd/containerd/blob/main/docs/hosts.md#registry-host-namespace
   * @param own the hub's own names.
   */
  pathFor(namespace: string | null, path: string, own: readonly string[]): string {
    if (namespace === null || this.all.size === 0) return path;
    const isOurs = [defaultDomain, 'index.docker.io', 'registry-1.docker.io', ...own].includes(namespace);
    return isOurs ? path : `${namespace}/${path}`;
  }

  #placeOf({ namespace, name, path }: RepositoryPath): UpstreamPlace | undefined {
    // No account's name holds a dot.
    const isRegistry = namespace.includes('.');
    const upstream = isRegistry
      ? namespace !== defaultDomain && this.all.get(namespace)
      : namespace !== '' && this.all.get(defaultDomain);
    if (!upstream) return undefined;
    const wanted = isRegistry ? name : path;
    return tryParseRepositoryPath(wanted) && { upstream, path: wanted };
  }

  #isWanted(name: string): boolean {
    const { allow, deny } = this.#config;
    const matches = (pattern: string): boolean => new Bun.Glob(pattern).match(name);
    return (allow.length === 0 || allow.some(matches)) && !deny.some(matches);
  }
}

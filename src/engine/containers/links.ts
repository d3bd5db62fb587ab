/**
 * `--link` on the default bridge, where no resolver answers: a line of /etc/hosts and variables that tell of the other container's ports
 * and environment. On networks of the user's own a link is a name of the resolver's. https://docs.docker.com/engine/network/links/
 */
import type { HostConfig } from '../../engine-api/types.ts';
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { exposedPorts } from '../networks/port-bindings.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { type ContainerRecord, hasProcess } from './state.ts';

type Dependencies = Pick<ContainerDependencies, 'containers' | 'networks'>;

/** A container that runs, as the one that links to it sees it. */
interface Linked {
  /** `/web/db`: who links, and by which name. */
  readonly path: string;
  readonly alias: string;
  readonly record: ContainerRecord;
  readonly address: string;
}

/**
 * Links as inspect shows them: `/database:/web/db`. @param links `database` or `database:db`.
 * @throws InvalidError in docker's words.
 */
export function resolveLinks(
  { containers }: Pick<Dependencies, 'containers'>,
  { Links: links, NetworkMode: mode = '' }: HostConfig,
  name: string,
): string[] | null {
  if (!links?.length) return null;
  return links.map((text) => {
    const { target, alias } = parseLink(text);
    const other = containers.find(target);
    if (!other) throw new InvalidError(`could not get container for ${target}: No such container: ${target}`);
    if (mode === 'host' || other.hostConfig.NetworkMode === 'host') {
      throw new InvalidError(
        "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
      );
    }
    return `/${other.name}:/${name}/${alias}`;
  });
}

/** @throws ConflictError when one of them does not run: a container does not start then. */
export function requireLinked(deps: Dependencies, { hostConfig }: ContainerRecord): Linked[] {
  return linksOf(hostConfig).map((text) => {
    const { target, alias: path } = parseLink(text);
    const record = deps.containers.find(target.slice(1));
    if (!record || !hasProcess(record.state)) {
      throw new ConflictError(`Cannot link to a non running container: ${target} AS ${path}`);
    }
    const linked = linkedBy(deps, text);
    if (linked) return linked;
    throw new ConflictError(`Cannot link to ${target}, as it does not belong to the default network`);
  });
}

/** Those that run by now. */
export function stillLinked(deps: Dependencies, { hostConfig }: ContainerRecord): Linked[] {
  return linksOf(hostConfig).flatMap((text) => linkedBy(deps, text) ?? []);
}

function linksOf({ NetworkMode: mode, Links: links }: HostConfig): readonly string[] {
  return mode === 'bridge' ? (links ?? []) : [];
}

function linkedBy({ containers, networks }: Dependencies, text: string): Linked | undefined {
  const { target, alias: path } = parseLink(text);
  const record = containers.find(target.slice(1));
  const address = record && networks.settings(record.id)?.IPAddress;
  if (!record || !address) return undefined;
  return { path, alias: path.slice(path.lastIndexOf('/') + 1), record, address };
}

/** Lines of /etc/hosts. */
export function linkedHosts(linked: readonly Linked[]): string[] {
  return linked.map(({ alias, record, address }) => {
    const names = new Set([alias, record.config.Hostname ?? '', record.name]);
    return `${address}\t${[...names].filter((name) => name !== '').join(' ')}`;
  });
}

/** Variables, in docker's order: ports, the link's name, the other's environment. */
export function linkedEnvironment(linked: readonly Linked[]): string[] {
  return linked.flatMap(({ path, alias, record, address }) => {
    const prefix = alias.toUpperCase().replaceAll('-', '_');
    const ports = exposedPorts(record.config)
      .map((name) => name.split('/', 2))
      .toSorted(byNumber);
    const own = ports.flatMap(([port = '', protocol = '']) => {
      const variable = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
      return [
        `${variable}=${protocol}://${address}:${port}`,
        `${variable}_ADDR=${address}`,
        `${variable}_PORT=${port}`,
        `${variable}_PROTO=${protocol}`,
      ];
    });
    const [first] = ports;
    return [
      ...(first ? [`${prefix}_PORT=${first[1]}://${address}:${first[0]}`] : []),
      ...own,
      `${prefix}_NAME=${path}`,
      ...(record.config.Env ?? [])
        .filter((variable) => variable.includes('=') && !/^(HOME|PATH)=/.test(variable))
        .map((variable) => `${prefix}_ENV_${variable}`),
    ];
  });
}

function byNumber(
  [a = '', protocolA = '']: readonly string[],
  [b = '', protocolB = '']: readonly string[],
): number {
  return Number(a) - Number(b) || protocolA.localeCompare(protocolB);
}

/**
 * `rm --link web/db`: the container that links forgets it, from its next start on. @param path whose link, and by which name.
 * @throws ConflictError for a container's own name, NotFoundError
 */
export function removeLink({ containers }: Pick<Dependencies, 'containers'>, path: string): void {
  const at = path.lastIndexOf('/');
  if (at <= 0) throw new ConflictError('Conflict, cannot remove the default link name of the container');
  const parent = containers.find(path.slice(0, at).replace(/^\//, ''));
  const alias = path.slice(at + 1);
  const links = parent?.hostConfig.Links ?? [];
  const left = links.filter((text) => !text.endsWith(`/${alias}`));
  if (!parent || left.length === links.length) throw new NotFoundError(`No such link: ${path}`);
  const hostConfig = { ...parent.hostConfig, Links: (left.length > 0 ? left : null) as string[] };
  containers.update(parent.id, { hostConfig });
}

function parseLink(text: string): { readonly target: string; readonly alias: string } {
  const [target = '', alias = target, ...rest] = text.split(':');
  if (target === '' || alias === '' || rest.length > 0) {
    throw new InvalidError(`bad format for links: ${text}`);
  }
  return { target, alias };
}

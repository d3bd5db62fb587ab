/** hosts, hostname and resolv.conf of a container, written into its own directory before it starts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';
import type { ConnectRequest, NetworkAttachment } from './attachment.ts';
import { renderHostNetworkHosts, renderHostsFile } from './hosts-file.ts';
import {
  readHostResolvConf,
  readOrEmpty,
  renderInternalResolvConf,
  renderResolvConf,
} from './resolv-conf.ts';

export type Files = NetworkAttachment['files'];

export interface OwnPlace {
  readonly hostname: string;
  readonly address: string | undefined;
  readonly address6?: string | undefined;
  readonly gateway: string | undefined;
  /** The engine's resolver answers the container. */
  readonly hasResolver?: boolean;
}

export function filesIn(directory: string): Files {
  return {
    resolvConf: join(directory, 'resolv.conf'),
    hosts: join(directory, 'hosts'),
    hostname: join(directory, 'hostname'),
  };
}

/**
 * Written in place, not renamed: a running container has these very files mounted. Three small files by plain system calls: handed
 * to the thread pool they took longer than everything else of a connect.
 * @throws InvalidError when an extra host makes no sense.
 */
export function writeNetworkFiles(request: ConnectRequest, place: OwnPlace): Files {
  const isolated = request.hostConfig.NetworkMode !== 'host';
  const files = filesIn(request.stateDirectory);
  writeFileSync(files.hosts, renderHosts(request, place, isolated));
  const host = readHostResolvConf();
  const resolvConf = place.hasResolver
    ? renderInternalResolvConf(host, request.hostConfig)
    : renderResolvConf(host, request.hostConfig, isolated);
  writeFileSync(files.resolvConf, resolvConf);
  writeFileSync(files.hostname, `${place.hostname}\n`);
  return files;
}

/** The resolv.conf of a container that gets a resolver while it runs, unless somebody has edited it. */
export function nameResolver({ hostConfig, stateDirectory }: ConnectRequest): void {
  const host = readHostResolvConf();
  const written = renderResolvConf(host, hostConfig, true);
  editInPlace(filesIn(stateDirectory).resolvConf, (text) =>
    text === written ? renderInternalResolvConf(host, hostConfig) : text,
  );
}

/** In place, not renamed: the container has this very file mounted. */
export function editInPlace(path: string, edit: (text: string) => string): void {
  try {
    const before = readFileSync(path, 'utf8');
    const after = edit(before);
    if (after !== before) writeFileSync(path, after);
  } catch (error) {
    // Removed meanwhile.
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

function renderHosts(
  { config, hostConfig, linkedHosts = [] }: ConnectRequest,
  place: OwnPlace,
  isolated: boolean,
): string {
  const extraHosts = hostConfig.ExtraHosts ?? [];
  if (isolated) {
    return renderHostsFile({ ...place, extraHosts, linkedHosts, domainname: config.Domainname ?? '' });
  }
  return renderHostNetworkHosts(readOrEmpty('/etc/hosts'), extraHosts);
}

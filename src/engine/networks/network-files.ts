/** hosts, hostname and resolv.conf of a container, written into its own directory before it starts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectRequest, NetworkAttachment } from './attachment.ts';
import { renderHostNetworkHosts, renderHostsFile } from './hosts-file.ts';
import { readHostResolvConf, readOrEmpty, renderResolvConf } from './resolv-conf.ts';

export type Files = NetworkAttachment['files'];

export interface OwnPlace {
  readonly hostname: string;
  readonly address: string | undefined;
  readonly gateway: string | undefined;
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
  writeFileSync(files.resolvConf, renderResolvConf(readHostResolvConf(), request.hostConfig, isolated));
  writeFileSync(files.hostname, `${place.hostname}\n`);
  return files;
}

function renderHosts({ config, hostConfig }: ConnectRequest, place: OwnPlace, isolated: boolean): string {
  const extraHosts = hostConfig.ExtraHosts ?? [];
  if (isolated) return renderHostsFile({ ...place, extraHosts, domainname: config.Domainname ?? '' });
  return renderHostNetworkHosts(readOrEmpty('/etc/hosts'), extraHosts);
}

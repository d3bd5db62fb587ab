/** hosts, hostname and resolv.conf of a container, written into its own directory before it starts. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectRequest, NetworkAttachment } from './attachment.ts';
import { renderHostNetworkHosts, renderHostsFile } from './hosts-file.ts';
import { readHostResolvConf, renderResolvConf } from './resolv-conf.ts';

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
 * Written in place, not renamed: a running container has these very files mounted.
 * @throws InvalidError when an extra host makes no sense.
 */
export async function writeNetworkFiles(request: ConnectRequest, place: OwnPlace): Promise<Files> {
  const isolated = request.hostConfig.NetworkMode !== 'host';
  const files = filesIn(request.stateDirectory);
  const [hosts, resolvConf] = await Promise.all([
    renderHosts(request, place, isolated),
    readHostResolvConf().then((own) => renderResolvConf(own, request.hostConfig, isolated)),
  ]);
  await Promise.all([
    writeFile(files.hosts, hosts),
    writeFile(files.resolvConf, resolvConf),
    writeFile(files.hostname, `${place.hostname}\n`),
  ]);
  return files;
}

async function renderHosts(
  { config, hostConfig }: ConnectRequest,
  place: OwnPlace,
  isolated: boolean,
): Promise<string> {
  const extraHosts = hostConfig.ExtraHosts ?? [];
  if (isolated) return renderHostsFile({ ...place, extraHosts, domainname: config.Domainname ?? '' });
  return renderHostNetworkHosts(await readFile('/etc/hosts', 'utf8').catch(() => ''), extraHosts);
}

/** What one cais has on this machine besides its files: a test compares before and after. Other programs' things do not count. */
import { readdir, readlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { RunningCais } from './running-cais.ts';

/** Names of mounts, interfaces, firewall tables, processes and cgroups that belong to this cais. */
export async function inventory(cais: RunningCais): Promise<Record<string, string[]>> {
  return {
    mounts: await mountsBelow(dirname(cais.runDirectory)),
    interfaces: await portsOf(cais.bridge),
    tables: tablesOf(cais.bridge),
    processes: await processesOf(cais),
    namespaces: await names(`${cais.runDirectory}/netns`),
    runDirectory: await names(cais.runDirectory),
  };
}

async function mountsBelow(directory: string): Promise<string[]> {
  const lines = (await Bun.file('/proc/self/mountinfo').text()).split('\n');
  const points = lines.map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(directory)).toSorted();
}

/** The bridge itself and how many interfaces hang on it: their names are random. */
async function portsOf(bridge: string): Promise<string[]> {
  const interfaces = await readdir('/sys/class/net');
  const masters = await Promise.all(
    interfaces.map(async (name) => basename(await readlink(`/sys/class/net/${name}/master`).catch(() => ''))),
  );
  const ports = masters.filter((master) => master === bridge).map(() => 'a port of the bridge');
  return [...interfaces.filter((name) => name === bridge), ...ports];
}

function tablesOf(bridge: string): string[] {
  const tables = Bun.spawnSync(['nft', 'list', 'tables']).stdout.toString().split('\n');
  return tables.filter((table) => table.endsWith(` ${bridge}`));
}

/** Names of the processes that carry this cais's directory in their command line. */
async function processesOf(cais: RunningCais): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readOrEmpty(`/proc/${pid}/cmdline`);
    if (command.includes(dirname(cais.runDirectory)))
      found.push((await readOrEmpty(`/proc/${pid}/comm`)).trim());
  }
  return found.toSorted();
}

async function names(directory: string): Promise<string[]> {
  const found: string[] = await readdir(directory).catch(() => []);
  return found.toSorted();
}

async function readOrEmpty(path: string): Promise<string> {
  return Bun.file(path)
    .text()
    .catch(() => '');
}

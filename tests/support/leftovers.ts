/** What a test must not leave behind: mounts, network namespaces, bridges, processes, cgroups. */
import { readdir } from 'node:fs/promises';

/** The machine's state, as lists of names. Compare before and after. */
export async function inventory(): Promise<Record<string, string[]>> {
  return {
    mounts: (await lines('/proc/self/mountinfo')).map((line) => line.split(' ')[4] ?? '').toSorted(),
    interfaces: (await readdir('/sys/class/net')).toSorted(),
    tables: Bun.spawnSync(['nft', 'list', 'tables']).stdout.toString().split('\n').filter(Boolean).toSorted(),
    processes: (await ours()).toSorted(),
  };
}

async function lines(path: string): Promise<string[]> {
  return (await Bun.file(path).text()).split('\n').filter(Boolean);
}

/** Programs that only containers and engines start, by name: a leaked one shows as one more of its name. */
async function ours(): Promise<string[]> {
  const names: string[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const name = await Bun.file(`/proc/${pid}/comm`)
      .text()
      .catch(() => '');
    if (['conmon', 'runc', 'cais', 'tini-static', 'catatonit'].includes(name.trim())) names.push(name.trim());
  }
  return names;
}

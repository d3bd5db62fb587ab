/** podman raises limits by default, which a machine without CAP_SYS_RESOURCE refuses: it is told to be modest. */
import { join } from 'node:path';

/** Writes the configuration into the directory. @returns what makes podman and buildah read it. */
export async function podmanEnvironment(directory: string): Promise<Record<string, string>> {
  const path = join(directory, 'containers.conf');
  await Bun.write(path, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n');
  return { CONTAINERS_CONF: path };
}

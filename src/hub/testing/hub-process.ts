/** Starts a hub in a process of its own, over a directory of the caller's. */
import { serveHubProgram } from './serve-hub.ts';

export interface HubProcess {
  readonly url: string;
  readonly pid: number;
  /** At once, with no chance to clean up. */
  kill(): Promise<void>;
}

/** @param collection grace period and interval of collecting garbage. */
export async function startHubProcess(directory: string, ...collection: string[]): Promise<HubProcess> {
  const child = Bun.spawn([process.execPath, serveHubProgram, directory, ...collection], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const { value } = await child.stdout.getReader().read();
  return {
    url: new TextDecoder().decode(value).trim(),
    pid: child.pid,
    async kill() {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}

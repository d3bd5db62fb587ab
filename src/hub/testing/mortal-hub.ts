/** A process of a hub's verbs (busy-hub.ts) that is killed while it works. */
import { UnavailableError } from '../../lib/errors.ts';
import { busyHubProgram, type Work } from './busy-hub.ts';

interface Life {
  readonly lines: readonly string[];
  /** Its work, before it was killed. */
  readonly hasEnded: boolean;
}

/** It works, and is killed after so many milliseconds of it. @param url of a database; empty: the hub's is a file. */
export async function liveAndDie(data: string, work: Work, life: number, url = ''): Promise<Life> {
  const run = crypto.randomUUID();
  const child = Bun.spawn([process.execPath, busyHubProgram, data, work, run, url], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  let text = '';
  const isReady = Promise.withResolvers<void>();
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('\n')) isReady.resolve();
    }
    isReady.resolve();
  })();
  await isReady.promise;
  if (!text.startsWith('ready\n')) throw new UnavailableError(`the hub did not begin: ${text}`);
  await child.stdin.write('go\n');
  await child.stdin.flush();
  await Promise.race([Bun.sleep(life), child.exited]);
  child.kill('SIGKILL');
  await child.exited;
  await reading;
  return { lines: text.split('\n').slice(1), hasEnded: child.signalCode === null };
}

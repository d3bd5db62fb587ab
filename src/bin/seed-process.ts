/** The seeding of `cais up --seed`: a process of its own, so that packing images doesn't slow the servers down. */
import type { ServerFlags } from '../cli/context.ts';
import type { Output } from '../cli/output.ts';
import { self } from './self.ts';
import { text } from './server-flags.ts';

const passedOn = ['data', 'blobs'] as const;

/** Starts `cais hub seed`; disposing ends it and what it has started. */
export function seedInBackground(flags: ServerFlags, output: Output): AsyncDisposable {
  const args = passedOn.flatMap((name) => {
    const value = text(flags, name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const database = text(flags, 'database');
  const child = Bun.spawn([...self, 'hub', 'seed', ...args], {
    // Its address may hold a password, and everybody can read what a program was started with.
    env: { ...process.env, ...(database !== undefined && { CAIS_HUB_DATABASE: database }) },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
    // A process group of its own: Ctrl-C on the terminal must not reach it before we say so.
    detached: true,
  });
  const state = { isStopping: false };
  // What it complains about when we end it is no news.
  const shown = showLines(child.stdout, (line) =>
    state.isStopping ? undefined : output.write(`seed: ${line}\n`),
  );
  return {
    async [Symbol.asyncDispose]() {
      state.isStopping = true;
      if (child.exitCode === null) endGroup(child.pid);
      await child.exited;
      await shown;
    },
  };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has just ended by itself.
  }
}

async function showLines(
  stream: ReadableStream<Uint8Array>,
  show: (line: string) => Promise<void> | undefined,
): Promise<void> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of stream) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) await show(line);
  }
}

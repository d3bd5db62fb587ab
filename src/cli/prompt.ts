/** Questions on the terminal: a line, or a line that isn't shown. */
import type { Input } from './context.ts';
import type { Output } from './output.ts';
import { rawMode } from './raw-mode.ts';

/** The next line of the input, without its end; '' at the end of the input. */
export async function readLine(input: Input): Promise<string> {
  const reader = input.stream().getReader();
  let line = Buffer.alloc(0);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return line.toString();
      line = Buffer.concat([line, value]);
      const end = line.indexOf('\n');
      if (end !== -1) return line.subarray(0, end).toString().replace(/\r$/, '');
    }
  } finally {
    reader.releaseLock();
  }
}

/** The whole input, for --password-stdin. */
export async function readAll(input: Input): Promise<string> {
  return await new Response(input.stream()).text();
}

const interrupt = 3;
const endOfFile = 4;
const backspaces = [8, 127];

/** A line typed unseen. @returns undefined where ctrl-c or ctrl-d ended it. */
export async function readSecret(input: Input, out: Output): Promise<string | undefined> {
  using _raw = rawMode();
  const reader = input.stream().getReader();
  const typed: number[] = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      for (const byte of value ?? []) {
        if (byte === interrupt || (byte === endOfFile && typed.length === 0)) return undefined;
        if (byte === 10 || byte === 13) return Buffer.from(typed).toString();
        if (backspaces.includes(byte)) typed.pop();
        else typed.push(byte);
      }
      if (done) return Buffer.from(typed).toString();
    }
  } finally {
    reader.releaseLock();
    await out.write('\n');
  }
}

/** A server command's flags by kind: what the CLI parsed, given types again. */
import type { ServerFlags } from '../cli/context.ts';

export function text(flags: ServerFlags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function texts(flags: ServerFlags, name: string): readonly string[] {
  const value = flags[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** A switch; undefined where it is not given. */
export function truth(flags: ServerFlags, name: string): boolean | undefined {
  const value = flags[name];
  return typeof value === 'boolean' ? value : undefined;
}

/** os-release(5): which distribution a root is of. */
import type { Distribution } from './package.ts';

export const osReleasePaths: readonly string[] = ['etc/os-release', 'usr/lib/os-release'];

/** @returns undefined for a text that names none. */
export function parseOsRelease(text: string): Distribution | undefined {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^\s*([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, unquoted(value.trim())] as const];
    }),
  );
  const id = values.get('ID');
  const version = values.get('VERSION_ID');
  return id ? { id, ...(version && { version }) } : undefined;
}

function unquoted(value: string): string {
  const [, inner] = /^(?:"(.*)"|'(.*)')$/.exec(value) ?? [];
  return inner ?? value.replaceAll(/^'|'$/g, '');
}

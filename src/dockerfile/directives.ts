/**
 * Parser directives: `# name=value` in the first lines, before anything else.
 * https://docs.docker.com/reference/dockerfile/#parser-directives
 */
import { DockerfileError } from './error.ts';
import type { Escape } from './instruction.ts';

const known = new Set(['syntax', 'escape', 'check'] as const);
type Name = 'syntax' | 'escape' | 'check';

export interface Directives {
  readonly escape: Escape;
  readonly syntax?: string;
  readonly check?: string;
  /** How many lines they take. */
  readonly lines: number;
}

/** @throws DockerfileError for a directive given twice and for an escape that is none. */
export function readDirectives(lines: readonly string[]): Directives {
  const found: Partial<Record<Name, string>> = {};
  let count = 0;
  for (const line of lines) {
    const directive = readDirective(line.trimStart(), '#');
    if (!directive) break;
    count++;
    const { name, value } = directive;
    const here = { first: count, last: count };
    if (found[name] !== undefined) {
      throw new DockerfileError(`only one ${name} parser directive can be used`, here);
    }
    if (name === 'escape' && value !== '\\' && value !== '`') {
      throw new DockerfileError(`invalid escape token '${value}' does not match \` or \\`, here);
    }
    found[name] = value;
  }
  const { syntax, check } = found;
  return {
    escape: found.escape === '`' ? '`' : '\\',
    ...(syntax !== undefined && { syntax: firstWord(syntax) }),
    ...(check !== undefined && { check: firstWord(check) }),
    lines: count,
  };
}

/** The value of a `check=` comment, which above an instruction counts for that one alone. */
export function checkComment(comment: string): string | undefined {
  const directive = readDirective(comment, '');
  return directive?.name === 'check' ? firstWord(directive.value) : undefined;
}

function readDirective(line: string, prefix: string): { name: Name; value: string } | undefined {
  if (!line.startsWith(prefix)) return undefined;
  const [, word = '', value = ''] =
    /^\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/.exec(line.slice(prefix.length).trimEnd()) ?? [];
  const name = word.toLowerCase() as Name;
  return known.has(name) ? { name, value } : undefined;
}

function firstWord(value: string): string {
  return value.split(' ', 1)[0] ?? '';
}

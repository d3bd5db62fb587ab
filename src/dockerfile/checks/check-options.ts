/** `skip=A,B;error=true;experimental=all`: which rules count. https://docs.docker.com/reference/dockerfile/#check */
import { InvalidError } from '../../lib/errors.ts';

type Names = 'all' | ReadonlySet<string>;

export interface CheckOptions {
  readonly skip: Names;
  readonly experimental: Names;
  /** A warning fails the build. */
  readonly isError: boolean;
}

const none: CheckOptions = { skip: new Set(), experimental: new Set(), isError: false };

/** @throws InvalidError */
export function parseCheckOptions(text = ''): CheckOptions {
  if (text.trim() === '') return none;
  const options = { ...none };
  for (const part of text.split(';')) {
    const [key = '', value] = part.split(/=(.*)/s).map((each) => each.trim());
    if (value === undefined) throw new InvalidError(`invalid check option ${JSON.stringify(part)}`);
    if (key === 'skip') options.skip = readNames(value);
    else if (key === 'experimental') options.experimental = readNames(value);
    else if (key === 'error') options.isError = readBoolean(part, value);
    else throw new InvalidError(`invalid check option ${JSON.stringify(key)}`);
  }
  return options;
}

/** What is said for one instruction, on top of what is said for the file. */
export function mergeCheckOptions(file: CheckOptions, { skip, experimental }: CheckOptions): CheckOptions {
  return { ...file, skip: union(file.skip, skip), experimental: union(file.experimental, experimental) };
}

export function has(names: Names, name: string): boolean {
  return names === 'all' || names.has(name);
}

function union(one: Names, other: Names): Names {
  return one === 'all' || other === 'all' ? 'all' : one.union(other);
}

function readNames(value: string): Names {
  return value === 'all' ? 'all' : new Set(value.split(',').map((name) => name.trim()));
}

function readBoolean(part: string, value: string): boolean {
  if (/^(?:1|t|true|T|True|TRUE)$/.test(value)) return true;
  if (/^(?:0|f|false|F|False|FALSE)$/.test(value)) return false;
  throw new InvalidError(`failed to parse check option ${JSON.stringify(part)}`);
}

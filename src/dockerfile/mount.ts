/**
 * `RUN --mount=type=…,…`. Options are read in their order, as BuildKit does: `type` has to come before what depends on it.
 * https://docs.docker.com/reference/dockerfile/#run---mount
 */
import { splitFields } from '../lib/csv.ts';
import { InvalidError } from '../lib/errors.ts';
import { parseBytes } from '../lib/quantities.ts';
import { expandWord } from './expand.ts';
import type { Escape } from './instruction.ts';
import type { Lookup } from './shell-word.ts';
import { withSuggestion } from './suggest.ts';

const types = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
const sharings = ['shared', 'private', 'locked'] as const;

export interface Mount {
  readonly type: (typeof types)[number];
  /** A stage, or an image. */
  readonly from?: string;
  readonly source?: string;
  readonly target?: string;
  readonly readOnly: boolean;
  /** Of a tmpfs, in bytes. */
  readonly size?: number;
  readonly id?: string;
  readonly sharing?: (typeof sharings)[number];
  /** Of a secret or ssh: fail where it is not there. */
  readonly required: boolean;
  /** Of a secret: the variable that holds it; empty means the one named like it. */
  readonly env?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** What can be said before variables have values. @throws InvalidError */
export function checkMount(text: string): void {
  for (const field of fieldsOf(text)) {
    const [key, value = ''] = cut(field);
    if (key === 'from' && /\$./.test(value)) {
      throw new InvalidError("'from' doesn't support variable expansion, define alias stage instead");
    }
  }
}

/** The stage or image that a mount reads from; known before variables have values. */
export function mountSource(text: string): string | undefined {
  return fieldsOf(text)
    .map(cut)
    .findLast(([key]) => key === 'from')?.[1];
}

/** @throws InvalidError in BuildKit's words. */
export function readMount(text: string, lookup: Lookup, escape: Escape): Mount {
  const draft: Draft = { type: 'bind', required: false };
  for (const field of fieldsOf(text)) {
    const [key, value] = cut(field);
    if (value === undefined) setFlag(draft, key, field);
    else setOption(draft, key, expandWord(value, lookup, escape), field);
  }
  checkDraft(draft);
  const readOnly = draft.readOnly ?? (draft.type !== 'cache' && draft.type !== 'tmpfs');
  return { ...draft, readOnly };
}

type Writable = { -readonly [K in keyof Mount]: Mount[K] };
type Draft = Omit<Writable, 'readOnly'> & Partial<Pick<Writable, 'readOnly'>>;

function fieldsOf(text: string): readonly string[] {
  try {
    return splitFields(text);
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new InvalidError(`failed to parse csv mounts: ${error.message}`, { cause: error });
  }
}

function cut(field: string): [key: string, value?: string] {
  const equals = field.indexOf('=');
  return equals === -1
    ? [field.toLowerCase()]
    : [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)];
}

/** An option without a value. */
function setFlag(draft: Draft, key: string, field: string): void {
  if (key === 'readonly' || key === 'ro') draft.readOnly = true;
  else if (key === 'readwrite' || key === 'rw') draft.readOnly = false;
  else if (key === 'required') draft.required = allowedFor(draft, key, ['secret', 'ssh'], true);
  else throw new InvalidError(`invalid field '${field}' must be a key=value pair`);
}

function setOption(draft: Draft, key: string, value: string, field: string): void {
  switch (key) {
    case 'type':
      draft.type = oneOf('mount type', value, types);
      break;
    case 'sharing':
      draft.sharing = oneOf('sharing value', value, sharings);
      break;
    case 'from':
    case 'id':
    case 'env':
      draft[key] = value;
      break;
    case 'source':
    case 'src':
      draft.source = value;
      break;
    case 'target':
    case 'dst':
    case 'destination':
      draft.target = value;
      break;
    case 'readonly':
    case 'ro':
      draft.readOnly = boolean(key, value);
      break;
    case 'readwrite':
    case 'rw':
      draft.readOnly = !boolean(key, value);
      break;
    case 'required':
      draft.required = allowedFor(draft, key, ['secret', 'ssh'], boolean(key, value));
      break;
    case 'size':
      draft.size = allowedFor(draft, key, ['tmpfs'], bytes(key, value));
      break;
    case 'mode':
      draft.mode = number(key, value, 8);
      break;
    case 'uid':
    case 'gid':
      draft[key] = number(key, value, 10);
      break;
    default:
      throw new InvalidError(withSuggestion(`unexpected key '${key}' in '${field}'`, key, keys));
  }
}

/** In the order in which a suggestion prefers them. */
const keys =
  'type from source target readonly id sharing required size mode uid gid src dst destination ro rw readwrite env'.split(
    ' ',
  );

function checkDraft({ type, mode, uid, gid, from, source, target, id, sharing }: Draft): void {
  if (type === 'bind' || type === 'tmpfs') {
    for (const [key, value] of Object.entries({ mode, uid, gid })) {
      if (value !== undefined) throw new InvalidError(`${key} not allowed for "${type}" type mounts`);
    }
  }
  if (type === 'secret') {
    if (from) throw new InvalidError('secret mount should not have a from');
    if (sharing) throw new InvalidError('secret mount should not define sharing');
    if (!source && !target && !id) {
      throw new InvalidError('invalid secret mount. one of source, target required');
    }
    if (source && id) throw new InvalidError("both source and id can't be set");
  }
  if (sharing && type !== 'cache') throw new InvalidError(`invalid cache sharing set for ${type} mount`);
}

function allowedFor<T>({ type }: Draft, key: string, allowed: readonly Mount['type'][], value: T): T {
  if (allowed.includes(type)) return value;
  throw new InvalidError(`unexpected key '${key}' for mount type '${type}'`);
}

function oneOf<T extends string>(what: string, value: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === value.toLowerCase());
  if (found !== undefined) return found;
  throw new InvalidError(withSuggestion(`unsupported ${what} ${JSON.stringify(value)}`, value, known));
}

/** As Go's strconv.ParseBool. */
function boolean(key: string, value: string): boolean {
  if (/^(?:1|t|true|T|True|TRUE)$/.test(value)) return true;
  if (/^(?:0|f|false|F|False|FALSE)$/.test(value)) return false;
  throw new InvalidError(`invalid value for ${key}: ${value}`);
}

function bytes(key: string, value: string): number {
  try {
    return parseBytes(value);
  } catch (cause) {
    throw new InvalidError(`invalid value for ${key}: ${value}`, { cause });
  }
}

function number(key: string, value: string, base: 8 | 10): number {
  const digits = base === 8 ? /^[0-7]+$/ : /^[0-9]+$/;
  const result = digits.test(value) ? Number.parseInt(value, base) : Number.NaN;
  if (result < 2 ** 32) return result;
  throw new InvalidError(`invalid value ${value} for ${key}`);
}

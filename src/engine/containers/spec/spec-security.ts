/** `--security-opt` as written by the user, taken apart. Forms: key=value, the old key:value, and no-new-privileges alone. */
import { InvalidError } from '../../../lib/errors.ts';

export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** `unconfined`, `builtin` (the default), or the text of a profile: the CLI sends the file's content. */
  readonly seccomp: string;
  /** Undefined where nothing was said, or unconfined. */
  readonly apparmorProfile: string | undefined;
  /** systempaths=unconfined: no masked and no read-only paths. */
  readonly unconfinedPaths: boolean;
}

/** @throws InvalidError in docker's words. */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  const parsed = {
    noNewPrivileges: false,
    seccomp: 'builtin',
    apparmorProfile: undefined as string | undefined,
    unconfinedPaths: false,
  };
  for (const option of options) {
    const [key, value] = splitOption(option);
    switch (key) {
      case 'no-new-privileges':
        parsed.noNewPrivileges = parseBoolean(value ?? 'true', option);
        break;
      case 'seccomp':
        parsed.seccomp = value ?? '';
        break;
      case 'apparmor':
        parsed.apparmorProfile = value === 'unconfined' ? undefined : value;
        break;
      case 'systempaths':
        parsed.unconfinedPaths = value === 'unconfined';
        break;
      case 'label':
        break;
      default:
        throw new InvalidError(`invalid --security-opt 2: "${option}"`);
    }
  }
  return parsed;
}

function splitOption(option: string): [string, string | undefined] {
  const at = option.search(/[=:]/);
  return at < 0 ? [option, undefined] : [option.slice(0, at), option.slice(at + 1)];
}

function parseBoolean(value: string, option: string): boolean {
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new InvalidError(`invalid --security-opt: "${option}"`);
}

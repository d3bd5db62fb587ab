/** One setting: its flag over its variable, parsed, and named when it is wrong. Part of config.ts. */
import { InvalidError, messageOf } from '../lib/errors.ts';

/** `flag` is undefined where there is only the variable. */
export type SettingReader = <T>(
  flag: string | undefined,
  variable: string,
  given: string | undefined,
  parse: (text: string) => T,
) => T | undefined;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns what gives undefined for a setting that nobody made. @throws InvalidError of what `parse` throws. */
export function settingReader(env: Environment): SettingReader {
  return reader(env, (value) => ` ${JSON.stringify(value)}`);
}

/** The same for what may hold a password: it is not told again. */
export function secretSettingReader(env: Environment): SettingReader {
  return reader(env, () => '');
}

function reader(env: Environment, shown: (value: string) => string): SettingReader {
  return (flag, variable, given, parse) => {
    const value = given ?? (env[variable] || undefined);
    if (value === undefined) return undefined;
    try {
      return parse(value);
    } catch (error) {
      const name = flag === undefined ? variable : `${flag} (${variable})`;
      throw new InvalidError(`invalid value${shown(value)} for ${name}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
}

/** For what is taken as it is. */
export function asIs(text: string): string {
  return text;
}

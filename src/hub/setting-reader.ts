/** One setting: its flag over its variable, parsed, and named when it is wrong. Part of config.ts. */
import { InvalidError, messageOf } from '../lib/errors.ts';

export type SettingReader = <T>(
  flag: string,
  variable: string,
  given: string | undefined,
  parse: (text: string) => T,
) => T | undefined;

/** @returns what gives undefined for a setting that nobody made. @throws InvalidError of what `parse` throws. */
export function settingReader(env: Readonly<Record<string, string | undefined>>): SettingReader {
  return (flag, variable, given, parse) => {
    const value = given ?? (env[variable] || undefined);
    if (value === undefined) return undefined;
    try {
      return parse(value);
    } catch (error) {
      const what = `invalid value ${JSON.stringify(value)} for ${flag} (${variable})`;
      throw new InvalidError(`${what}: ${messageOf(error)}`, { cause: error });
    }
  };
}

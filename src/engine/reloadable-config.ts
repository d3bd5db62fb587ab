/** The settings that a running engine takes anew on SIGHUP: those of docker's that mean something here. */
import { InvalidError } from '../lib/errors.ts';
import type { ConfigFile } from './config-file.ts';

export interface ReloadableConfig {
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly isDebug: boolean;
}

interface Flags {
  readonly labels?: readonly string[] | undefined;
  readonly insecureRegistries?: readonly string[] | undefined;
  readonly debug?: boolean | undefined;
}

/** @throws InvalidError naming the label that is none. */
export function readReloadable(flags: Flags, file: ConfigFile): ReloadableConfig {
  const labels = flags.labels?.length ? flags.labels : (file.labels ?? []);
  const wrong = labels.find((label) => !/^[^=]+=/.test(label));
  if (wrong !== undefined) throw new InvalidError(`bad attribute format: ${wrong}`);
  const insecureRegistries = flags.insecureRegistries?.length
    ? flags.insecureRegistries
    : (file['insecure-registries'] ?? []);
  const network = insecureRegistries.find((name) => name.includes('/'));
  if (network !== undefined) {
    throw new InvalidError(`insecure registry ${network}: name the registries, networks are not taken`);
  }
  return {
    labels,
    insecureRegistries,
    isDebug: flags.debug ?? file.debug ?? false,
  };
}

/** The ones in force. */
export class CurrentSettings {
  #current: ReloadableConfig;

  constructor(first: ReloadableConfig) {
    this.#current = first;
  }

  get current(): ReloadableConfig {
    return this.#current;
  }

  replace(next: ReloadableConfig): void {
    this.#current = next;
  }
}

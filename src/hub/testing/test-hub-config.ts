/** The settings of every hub of a test: it opens no connection to the outside. */
import { type HubConfig, type HubFlags, readHubConfig } from '../config.ts';

/** @param settings its environment, where that is not as it comes. */
export function testHubConfig(
  flags: HubFlags,
  settings: Readonly<Record<string, string | undefined>> = {},
): HubConfig {
  return readHubConfig(flags, { CAIS_HUB_UPSTREAM: 'none', ...settings });
}

/** `cais engine serve`: the engine alone, until a signal ends it. Its containers run on. */
import { type ServerCommand, type ServerFlags, version } from '../cli/context.ts';
import { type EngineConfig, readEngineConfig } from '../engine/config.ts';
import { createEngine } from '../engine/engine.ts';
import { createLog } from '../lib/log.ts';
import { self } from './self.ts';
import { text, texts } from './server-flags.ts';
import { untilStopped } from './stop-signal.ts';

export const engineServe: ServerCommand = async (flags, _input, output) => {
  const config = engineConfig(flags, text(flags, 'hub'));
  const stopped = untilStopped();
  await using engine = await createEngine(config, createLog('engine', text(flags, 'log-level')));
  await output.write(`The engine: ${engine.hosts.join(', ')}\n`);
  await stopped;
  return 0;
};

/** The engine's settings out of a command's flags. @param hub what docker.io means. */
export function engineConfig(flags: ServerFlags, hub: string | undefined): EngineConfig {
  return readEngineConfig({
    data: text(flags, 'data'),
    run: text(flags, 'run'),
    hosts: texts(flags, 'host'),
    insecureRegistries: texts(flags, 'insecure-registry'),
    hub,
    self,
    version,
  });
}

/** `cais engine serve`: the engine alone, until a signal ends it. Its containers run on. */
import { type ServerCommand, type ServerFlags, version } from '../cli/context.ts';
import { type EngineConfig, readEngineConfig } from '../engine/config.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { messageOf } from '../lib/errors.ts';
import { createLog, type Log } from '../lib/log.ts';
import { connectServiceManager } from '../lib/service-manager.ts';
import { self } from './self.ts';
import { text, texts, truth } from './server-flags.ts';
import { untilStopped } from './stop-signal.ts';

export const engineServe: ServerCommand = async (flags, _input, output) => {
  const hub = text(flags, 'hub');
  const config = engineConfig(flags, hub);
  const log = createLog('engine', config.logLevel, text(flags, 'log-format'));
  const stopped = untilStopped();
  using manager = connectServiceManager(process.env);
  await using engine = await createEngine(config, log, manager.takeSocket('engine', true));
  using _reloading = reloadOnHangup(engine, log, () => engineConfig(flags, hub));
  await output.write(`The engine: ${engine.hosts.join(', ')}\n`);
  manager.ready(`serving ${engine.hosts.join(', ')}`);
  await stopped;
  manager.stopping();
  return 0;
};

/** SIGHUP reads the settings file again; a bad one is said, and the settings stay. */
export function reloadOnHangup(engine: Engine, log: Log, read: () => EngineConfig): Disposable {
  const reload = (): void => {
    try {
      engine.reload(read().reloadable);
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the settings cannot be read again');
    }
  };
  process.on('SIGHUP', reload);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', reload) };
}

/** The engine's settings out of a command's flags. @param hub what docker.io means. */
export function engineConfig(flags: ServerFlags, hub: string | undefined): EngineConfig {
  return readEngineConfig({
    data: text(flags, 'data'),
    run: text(flags, 'run'),
    hosts: texts(flags, 'host'),
    insecureRegistries: texts(flags, 'insecure-registry'),
    labels: texts(flags, 'label'),
    configFile: text(flags, 'config-file'),
    debug: truth(flags, 'debug'),
    logLevel: text(flags, 'log-level'),
    metricsAddr: text(flags, 'metrics-addr'),
    tls: truth(flags, 'tls'),
    tlsverify: truth(flags, 'tlsverify'),
    tlscacert: text(flags, 'tlscacert'),
    tlscert: text(flags, 'tlscert'),
    tlskey: text(flags, 'tlskey'),
    hub,
    self,
    version,
  });
}

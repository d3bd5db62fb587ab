/**
 * `cais compose`: the docker-compose that is installed, on our engine. Looked for where docker's CLI looks for plugins,
 * then as a program of its own.
 */
import { accessSync, constants } from 'node:fs';
import { InvalidError } from '../../lib/errors.ts';
import { atLeast, defineCommand } from '../command.ts';
import type { CliConfig } from '../config.ts';
import type { CliContext } from '../context.ts';
import { defaultContext } from '../config.ts';

const pluginDirectories = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

export const compose = defineCommand({
  usage: '[OPTIONS] COMMAND',
  long: 'Define and run multi-container applications: runs the docker-compose that is installed',
  flags: {},
  count: atLeast(0),
  isRaw: true,
  completes: 'none',
  run: async ({ context, args }) => {
    const program = findCompose(context.config);
    const child = Bun.spawn([...program, ...args], {
      stdio: ['inherit', 'inherit', 'inherit'],
      env: { ...context.config.variables, ...(await engineVariables(context)) },
    });
    using _passing = passSignals(child);
    return await child.exited;
  },
});

/** @throws InvalidError where there is none. */
function findCompose({ directory, variables }: CliConfig): string[] {
  const plugin = [`${directory}/cli-plugins`, ...pluginDirectories]
    .map((place) => `${place}/docker-compose`)
    .find(isProgram);
  // A plugin hears its own name first, as docker's CLI calls it.
  if (plugin !== undefined) return [plugin, 'compose'];
  const program = Bun.which('docker-compose', { PATH: variables['PATH'] ?? '' });
  if (program !== null) return [program];
  throw new InvalidError(
    'docker-compose is not installed: install the package docker-compose, or the plugin docker-compose-plugin',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What makes compose talk to the engine that we would talk to: a context of the store by its name, else the host. */
async function engineVariables({
  config,
  endpoint,
}: CliContext): Promise<Record<string, string | undefined>> {
  const { contextName, host } = await endpoint();
  if (contextName !== defaultContext) return { DOCKER_CONTEXT: contextName, DOCKER_HOST: undefined };
  const { isOn, verifies, directory } = config.tls;
  return {
    DOCKER_HOST: host,
    DOCKER_CONTEXT: undefined,
    ...(isOn && { DOCKER_TLS_VERIFY: verifies ? '1' : undefined, DOCKER_CERT_PATH: directory }),
  };
}

/** A terminal sends Ctrl-C to both of us: it is compose that decides. Others' signals are passed on. */
function passSignals(child: Bun.Subprocess): Disposable {
  const wait = (): void => undefined;
  const pass = (): void => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  return { [Symbol.dispose]: () => void process.off('SIGINT', wait).off('SIGTERM', pass) };
}

/** `cais info`: the engine's facts, in docker's order. */
import type { SystemInfo } from '../../../engine-api/types.ts';
import { CaisError, messageOf } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { type CliContext, version } from '../../context.ts';
import { ExitError } from '../../exit-code.ts';
import { string } from '../../flags.ts';
import { formatObject } from '../../format-object.ts';
import { formatBinarySize } from '../../human.ts';
import { formatHelp } from '../format-help.ts';

export const info = defineCommand({
  usage: '[OPTIONS]',
  aliases: ['system info', 'info'],
  flags: { format: string(formatHelp, 'f') },
  count: exactly(0),
  run: async ({ context, flags: { format } }) => {
    const { contextName } = await context.endpoint();
    const clientInfo = { Debug: false, Context: contextName, Version: version, Plugins: [], Warnings: null };
    if (format !== undefined && format !== '') {
      const server = await context.engine.get<SystemInfo>('/info');
      await context.out.write(formatObject({ ...server, ClientInfo: clientInfo }, format));
      return;
    }
    await context.out.write(
      `Client:\n Version:    ${version}\n Context:    ${contextName}\n Debug Mode: false\n\nServer:\n`,
    );
    await printServer(context);
  },
});

async function printServer({ engine, out, err }: CliContext): Promise<void> {
  try {
    const server = await engine.get<SystemInfo>('/info');
    await out.write(`${formatServer(server)}\n`);
    for (const warning of server.Warnings ?? []) await err.write(`${warning}\n`);
  } catch (error) {
    if (!(error instanceof CaisError)) throw error;
    throw new ExitError(1, messageOf(error));
  }
}

/** Lines whose value is there, one blank deep. */
function lines(depth: number, entries: readonly (readonly [string, unknown])[]): string {
  return entries
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${' '.repeat(depth)}${name}: ${String(value)}\n`)
    .join('');
}

function formatServer(info: SystemInfo): string {
  const commit = (of: { ID?: string | undefined } | null | undefined) => of?.ID ?? '';
  return [
    lines(1, [
      ['Containers', info.Containers ?? 0],
      [' Running', info.ContainersRunning ?? 0],
      [' Paused', info.ContainersPaused ?? 0],
      [' Stopped', info.ContainersStopped ?? 0],
      ['Images', info.Images ?? 0],
      ['Server Version', info.ServerVersion],
      ['Storage Driver', info.Driver],
    ]),
    ...(info.DriverStatus ?? []).map(([name = '', value = '']) => `  ${name}: ${value}\n`),
    lines(1, [
      ['Logging Driver', info.LoggingDriver],
      ['Cgroup Driver', info.CgroupDriver],
      ['Cgroup Version', info.CgroupVersion],
    ]),
    formatPlugins(info),
    ` Swarm: ${info.Swarm?.LocalNodeState ?? 'inactive'}\n`,
    ` Runtimes: ${Object.keys(info.Runtimes ?? {})
      .toSorted()
      .join(' ')}\n`,
    lines(1, [
      ['Default Runtime', info.DefaultRuntime],
      ['Init Binary', info.InitBinary],
      ['containerd version', commit(info.ContainerdCommit)],
      ['runc version', commit(info.RuncCommit)],
    ]),
    ` init version: ${commit(info.InitCommit)}\n`,
    formatSecurity(info.SecurityOptions ?? []),
    formatMachine(info),
  ].join('');
}

function formatPlugins({ Plugins: plugins }: SystemInfo): string {
  const kinds: readonly (readonly [string, readonly string[] | null | undefined])[] = [
    ['Volume', plugins?.Volume],
    ['Network', plugins?.Network],
    ['Authorization', plugins?.Authorization],
    ['Log', plugins?.Log],
  ];
  const known = kinds.filter(([, names]) => (names ?? []).length > 0);
  return ` Plugins:\n${known.map(([kind, names]) => `  ${kind}: ${(names ?? []).join(' ')}\n`).join('')}`;
}

/** `name=seccomp,profile=builtin`: the name on a line, what belongs to it below. */
function formatSecurity(options: readonly string[]): string {
  if (options.length === 0) return '';
  const shown = options.map((option) => {
    const pairs = option.split(',').map((pair) => pair.split('='));
    const names = pairs.filter(([key]) => key === 'name').map(([, value = '']) => `  ${value}\n`);
    const rest = pairs.filter(([key]) => key !== 'name');
    const title = (key = '') => key.slice(0, 1).toUpperCase() + key.slice(1);
    return names.join('') + rest.map(([key, value = '']) => `   ${title(key)}: ${value}\n`).join('');
  });
  return ` Security Options:\n${shown.join('')}`;
}

function formatMachine(info: SystemInfo): string {
  const insecure = [
    ...Object.entries(info.RegistryConfig?.IndexConfigs ?? {})
      .filter(([, index]) => index?.Secure === false)
      .map(([name]) => name),
    ...(info.RegistryConfig?.InsecureRegistryCIDRs ?? []),
  ];
  return [
    lines(1, [
      ['Kernel Version', info.KernelVersion],
      ['Operating System', info.OperatingSystem],
      ['OSType', info.OSType],
      ['Architecture', info.Architecture],
      ['CPUs', info.NCPU],
      ['Total Memory', formatBinarySize(info.MemTotal ?? 0)],
      ['Name', info.Name],
      ['ID', info.ID],
      ['Docker Root Dir', info.DockerRootDir],
      ['Debug Mode', info.Debug ?? false],
    ]),
    (info.Labels ?? []).length > 0
      ? ` Labels:\n${(info.Labels ?? []).map((label) => `  ${label}\n`).join('')}`
      : '',
    ` Experimental: ${info.ExperimentalBuild ?? false}\n`,
    insecure.length > 0 ? ` Insecure Registries:\n${insecure.map((name) => `  ${name}\n`).join('')}` : '',
    ` Live Restore Enabled: ${info.LiveRestoreEnabled ?? false}\n`,
  ].join('');
}

/** `cais version`: this program, the engine and its parts. */
import type { SystemVersion } from '../../../engine-api/types.ts';
import { CaisError, messageOf } from '../../../lib/errors.ts';
import { defineCommand, exactly } from '../../command.ts';
import { type CliContext, version as clientVersion } from '../../context.ts';
import { ExitError } from '../../exit-code.ts';
import { string } from '../../flags.ts';
import { formatHelp } from '../format-help.ts';

const newestApi = '1.50';

export const version = defineCommand({
  usage: '[OPTIONS]',
  flags: { format: string(formatHelp, 'f') },
  count: exactly(0),
  run: async ({ context, flags: { format } }) => {
    const failure: { error?: CaisError } = {};
    const server = await context.engine.get<SystemVersion>('/version').catch((error: unknown) => {
      if (!(error instanceof CaisError)) throw error;
      failure.error = error;
      return undefined;
    });
    await context.out.write(await formatVersion(context, server, format));
    if (failure.error) throw new ExitError(1, messageOf(failure.error));
  },
});

async function formatVersion(
  context: CliContext,
  server: SystemVersion | undefined,
  format: string | undefined,
): Promise<string> {
  const { contextName } = await context.endpoint();
  const client = describeClient(context, contextName, server);
  if (format === undefined || format === '') return formatText(client, server);
  const { formatObject } = await import('../../format-object.ts');
  const value = { Client: client, Server: server ?? null };
  return formatObject(value, format, { name: 'version', typeName: 'system.versionInfo' });
}

type Client = ReturnType<typeof describeClient>;

function describeClient({ config }: CliContext, contextName: string, server: SystemVersion | undefined) {
  const apiVersion = config.apiVersion ?? older(server?.ApiVersion, newestApi);
  return {
    Version: clientVersion,
    ApiVersion: apiVersion,
    DefaultAPIVersion: newestApi,
    BunVersion: Bun.version,
    Os: 'linux',
    Arch: process.arch === 'x64' ? 'amd64' : process.arch,
    Context: contextName,
  };
}

function older(server: string | undefined, own: string): string {
  if (server === undefined) return own;
  const minor = (text: string) => Number(text.split('.')[1]);
  return minor(server) < minor(own) ? server : own;
}

function formatText(client: Client, server: SystemVersion | undefined): string {
  const isOlder = client.ApiVersion !== client.DefaultAPIVersion;
  const api = isOlder
    ? `${client.ApiVersion} (downgraded from ${client.DefaultAPIVersion})`
    : client.ApiVersion;
  return [
    'Client:\n',
    line(' Version', client.Version),
    line(' API version', api),
    line(' Bun version', client.BunVersion),
    line(' OS/Arch', `${client.Os}/${client.Arch}`),
    line(' Context', client.Context),
    server ? formatServer(server) : '',
  ].join('');
}

function line(name: string, value: string): string {
  return `${`${name}:`.padEnd(20)}${value}\n`;
}

type Component = NonNullable<SystemVersion['Components']>[number];

function formatServer(server: SystemVersion): string {
  const platform = server.Platform?.Name ?? '';
  const components = server.Components ?? [];
  return `\nServer:${platform === '' ? '' : ` ${platform}`}\n${components.map(formatComponent).join('')}`;
}

function formatComponent({ Name: name = '', Version, Details }: Component): string {
  const details: Record<string, string> = { ...(Details as Record<string, string> | undefined) };
  const head = ` ${name}:\n${line('  Version', Version ?? '')}`;
  if (name !== 'Engine') {
    const others = Object.entries(details).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return head + others.map(([key, value]) => line(`  ${key}`, value)).join('');
  }
  const known: readonly (readonly [string, string | undefined])[] = [
    ['  API version', `${details['ApiVersion']} (minimum version ${details['MinAPIVersion']})`],
    ['  Go version', details['GoVersion']],
    ['  Git commit', details['GitCommit']],
    ['  Built', formatBuildTime(details['BuildTime'])],
    ['  OS/Arch', `${details['Os']}/${details['Arch']}`],
    ['  Experimental', details['Experimental']],
  ];
  return (
    head + known.map(([key, value]) => (value === undefined || value === '' ? '' : line(key, value))).join('')
  );
}

/** A date in Go's ANSI C form; what is in it already stays. */
function formatBuildTime(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{4}-/.test(text)) return text;
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(text)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`;
}

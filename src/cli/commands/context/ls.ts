/** `cais context ls`: the default context and those of the store. */
import { defineCommand, exactly } from '../../command.ts';
import { defaultContext } from '../../config.ts';
import { type Context, ContextStore } from '../../context-store.ts';
import { contextNameOf } from '../../endpoint.ts';
import { bool, string } from '../../flags.ts';
import { formatList, type Listing } from '../../format.ts';
import { listFormatHelp } from '../format-help.ts';
import { contextLookup } from './docker-endpoint.ts';

interface Row {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly description: string;
  readonly host: string;
  readonly error: string;
}

export const ls = defineCommand({
  usage: '[OPTIONS]',
  aliases: ['context ls', 'context list'],
  flags: { format: string(listFormatHelp), quiet: bool('Only show context names', 'q') },
  count: exactly(0),
  completes: 'none',
  run: async ({ context, flags }) => {
    const { config, out, err } = context;
    const file = await context.configFile();
    const current = contextNameOf(config, file);
    const rows = [
      ...new ContextStore(config.directory).list().map((each) => rowOf(each, current)),
      {
        ...rowOf(contextLookup(config)(defaultContext), current),
        description: 'Current DOCKER_HOST based configuration',
      },
      ...missing(config.directory, current),
    ].toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    await out.write(formatList(listing, rows, flags.quiet ? '{{.Name}}' : flags.format));
    if (config.hostVariable !== undefined && !flags.quiet) {
      await err.write(
        `Warning: ${config.hostVariable} environment variable overrides the active context. To use a context, either set the global --context flag, or unset ${config.hostVariable} environment variable.\n`,
      );
    }
  },
});

function rowOf({ name, description = '', endpoint }: Context, current: string): Row {
  return { name, isCurrent: name === current, description, host: endpoint.host, error: '' };
}

/** The current one, where it is named and not there. */
function missing(directory: string, current: string): Row[] {
  if (current === defaultContext || new ContextStore(directory).has(current)) return [];
  const error = `context not found: ${current}`;
  return [{ name: current, isCurrent: true, description: '', host: '', error }];
}

const listing: Listing<Row> = {
  typeName: '*formatter.clientContextContext',
  table: '{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}',
  columns: {
    Current: { heading: '', value: ({ isCurrent }) => isCurrent },
    Name: { heading: 'NAME', value: ({ name }) => name },
    Description: { heading: 'DESCRIPTION', value: ({ description }) => description },
    DockerEndpoint: { heading: 'DOCKER ENDPOINT', value: ({ host }) => host },
    Error: { heading: 'ERROR', value: ({ error }) => error },
  },
};

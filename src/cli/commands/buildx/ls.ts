/** `cais buildx ls`: the builder and its node, which are one here. */
import { defineCommand, exactly } from '../../command.ts';
import { string } from '../../flags.ts';
import { formatList, type Listing } from '../../format.ts';
import { listFormatHelp } from '../format-help.ts';
import { type Builder, describeBuilder } from './builder.ts';

interface Row {
  readonly builder: Builder;
  readonly isNode: boolean;
  readonly isTable: boolean;
}

export const ls = defineCommand({
  usage: '[OPTIONS]',
  flags: { format: string(listFormatHelp) },
  count: exactly(0),
  completes: 'none',
  run: async ({ context, flags: { format = 'table' } }) => {
    const builder = await describeBuilder(context);
    const isTable = format.startsWith('table');
    const nodes = format === 'json' ? [false] : [false, true];
    const rows = nodes.map((isNode) => ({ builder, isNode, isTable }));
    await context.out.write(formatList(listing, rows, format));
    if (builder.error === undefined || !isTable) return;
    const { name, error } = builder;
    await context.err.write(`\nFailed to get status for ${name} (${name}): ${error}\n`);
  },
});

const listing: Listing<Row> = {
  typeName: '*commands.lsContext',
  table: '{{.Name}}\t{{.DriverEndpoint}}\t{{.Status}}\t{{.Buildkit}}\t{{.Platforms}}',
  columns: {
    Name: { heading: 'NAME/NODE', value: nameOf },
    DriverEndpoint: {
      heading: 'DRIVER/ENDPOINT',
      value: ({ builder, isNode, isTable }) => (isNode ? indent(builder.name, isTable) : builder.driver),
    },
    Status: { heading: 'STATUS', value: ({ builder, isNode }) => (isNode ? statusOf(builder) : '') },
    // There is none in cais.
    Buildkit: { heading: 'BUILDKIT', value: () => '' },
    Platforms: {
      heading: 'PLATFORMS',
      value: ({ builder, isNode }) => (isNode ? builder.platforms.join(', ') : ''),
    },
    Error: { heading: 'ERROR', value: ({ builder, isNode }) => (isNode && builder.error) || '' },
  },
};

function nameOf({ builder: { name }, isNode, isTable }: Row): string {
  if (isNode) return indent(name, isTable);
  return isTable ? `${name}*` : name;
}

function indent(text: string, isTable: boolean): string {
  return isTable ? String.raw` \_ ${text}` : text;
}

function statusOf({ error }: Builder): string {
  return error === undefined ? 'running' : 'error';
}

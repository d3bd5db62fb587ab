/** `cais events`: what happens in the engine, as it happens. */
import { formatFilters, groupFilters } from '../../../engine-api/filters.ts';
import type { EventMessage } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';
import { filter, string } from '../../flags.ts';
import { formatObject } from '../../format-object.ts';
import { parseInstant } from '../../instant.ts';
import { readJsonLines } from '../../json-stream.ts';
import { formatHelp } from '../format-help.ts';

export const events = defineCommand({
  usage: '[OPTIONS]',
  aliases: ['system events', 'events'],
  flags: {
    filter: filter('Filter output based on conditions provided', 'f'),
    format: string(formatHelp),
    since: string('Show all events created since timestamp'),
    until: string('Stream events until this timestamp'),
  },
  count: exactly(0),
  run: async ({ context, flags }) => {
    const response = await context.engine.call('GET', '/events', {
      query: {
        since: flags.since && parseInstant(flags.since, 'since'),
        until: flags.until && parseInstant(flags.until, 'until'),
        filters: formatFilters(groupFilters(flags.filter)),
      },
    });
    for await (const event of readJsonLines<EventMessage>(response.body)) {
      const text = flags.format === undefined ? formatEvent(event) : formatAs(event, flags.format);
      await context.out.write(text);
      if (context.out.isClosed) return;
    }
  },
});

function formatAs(event: EventMessage, format: string): string {
  // `json` shows the event as it came; a template sees Go's field names, which differ in case alone.
  return formatObject(event, format, { typeName: '*events.Message' });
}

function formatEvent({ Type, Action = '', Actor, timeNano = 0, time = 0 }: EventMessage): string {
  const attributes = Object.entries(Actor?.Attributes ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const shown = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`;
  return `${formatInstant(time, timeNano)} ${Type ?? ''} ${Action} ${Actor?.ID ?? ''}${shown}\n`;
}

/** RFC 3339 with nine digits, in local time. JSON numbers lose the last digits of nanoseconds: seconds come from `time`. */
function formatInstant(time: number, timeNano: number): string {
  const fraction = String(BigInt(timeNano) % 1_000_000_000n).padStart(9, '0');
  const date = new Date(time * 1000);
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const pad = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  const zone = offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${pad(offset / 60)}:${pad(offset % 60)}`;
  return `${local}.${fraction}${zone}`;
}

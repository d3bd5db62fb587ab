/** `cais logs`: what a container has written, stdout to stdout and stderr to stderr. */
import { pathOf } from '../../../engine-api/client.ts';
import { FrameDecoder } from '../../../engine-api/framing.ts';
import type { ContainerInspectResponse } from '../../../engine-api/types.ts';
import { defineCommand, exactly } from '../../command.ts';
import { bool, string, stringOr } from '../../flags.ts';
import { joinRuns } from '../../frame-runs.ts';
import { parseInstant } from '../../instant.ts';

export const logs = defineCommand({
  usage: '[OPTIONS] CONTAINER',
  aliases: ['container logs', 'logs'],
  flags: {
    details: bool('Show extra details provided to logs'),
    follow: bool('Follow log output', 'f'),
    since: string(
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: stringOr('all', 'Number of lines to show from the end of the logs', 'n'),
    timestamps: bool('Show timestamps', 't'),
    until: string(
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
  },
  count: exactly(1),
  completes: 'container',
  run: async ({ context: { engine, out, err }, flags, args: [name = ''] }) => {
    const found = await engine.get<ContainerInspectResponse>(`/containers/${pathOf(name)}/json`);
    const { details, follow, tail, timestamps } = flags;
    const query = {
      stdout: true,
      stderr: true,
      details,
      follow,
      tail,
      timestamps,
      since: flags.since && parseInstant(flags.since, 'since'),
      until: flags.until && parseInstant(flags.until, 'until'),
    };
    const response = await engine.call('GET', `/containers/${pathOf(found.Id ?? name)}/logs`, { query });
    const frames = new FrameDecoder();
    for await (const chunk of response.body ?? []) {
      if (found.Config?.Tty === true) await out.write(chunk);
      else {
        for (const { stream, payload } of joinRuns(frames.decode(chunk))) {
          await (stream === 'stdout' ? out : err).write(payload);
        }
      }
      if (out.isClosed) return;
    }
  },
});

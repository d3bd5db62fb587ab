import { expect, test } from 'bun:test';
import { EventReport } from '../report/event-report.ts';
import { LineStream } from '../../api/line-stream.ts';
import type { Step } from '../plan/steps.ts';
import { JoinedOutput, mostUntaken } from './joined-output.ts';

const step = { id: 3, name: 'RUN yes' } as Step;
const megabyte = 'y'.repeat(1024 * 1024);

function joined(): { readonly lines: LineStream; readonly output: JoinedOutput } {
  const lines = new LineStream(() => undefined);
  const report = new EventReport(lines);
  return { lines, output: new JoinedOutput(report) };
}

test('a client that does not read misses what comes beyond the bound, and is told', async () => {
  const { lines, output } = joined();
  for (let count = 0; count < 40; count++) output.pass(step, 'stdout', megabyte);
  expect(lines.queued).toBeLessThan(mostUntaken + megabyte.length);
  lines.end();
  const text = await new Response(lines.readable).text();
  expect(text.match(/output left out/g)).toHaveLength(1);
});

test('a client that has caught up reads on', async () => {
  const { lines, output } = joined();
  for (let count = 0; count < 10; count++) output.pass(step, 'stdout', megabyte);
  await Bun.sleep(0);
  const reader = lines.readable.getReader();
  await reader.read();
  await Bun.sleep(0);
  output.pass(step, 'stdout', 'and then');
  lines.end();
  const last = await reader.read();
  expect(new TextDecoder().decode(last.value)).toContain('and then');
});

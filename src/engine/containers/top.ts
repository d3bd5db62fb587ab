/** `top`: the host's ps, with only the container's processes left in. */
import type { ContainerTopResponse } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';
import { run } from '../../lib/subprocess.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { assertRunning } from './pause.ts';

/** @param psArguments as for ps(1); empty for -ef. @throws ConflictError when it isn't running. */
export async function topContainer(
  { containers, runc }: Pick<ContainerDependencies, 'containers' | 'runc'>,
  name: string,
  psArguments: string,
): Promise<ContainerTopResponse> {
  const record = containers.resolve(name);
  if (record.state.status !== 'paused') assertRunning(record);
  const words = (psArguments || '-ef').split(/\s+/);
  const [pids, ps] = await Promise.all([runc.processes(record.id), run(['ps', ...words])]);
  if (ps.exitCode !== 0) throw new InvalidError(`ps: ${ps.stderr.trim()}`);
  return selectProcesses(ps.stdout, new Set(pids));
}

/** ps's table, cut down to these processes. @throws InvalidError when it has no PID column. */
export function selectProcesses(output: string, pids: ReadonlySet<number>): ContainerTopResponse {
  const [header = '', ...rows] = output.split('\n').filter((line) => line !== '');
  const Titles = header.trim().split(/\s+/);
  const column = Titles.indexOf('PID');
  if (column === -1) throw new InvalidError("Couldn't find PID field in ps output");
  const Processes = rows
    .map((row) => splitRow(row, Titles.length))
    .filter((fields) => pids.has(Number(fields[column])));
  return { Titles, Processes };
}

/** The last column, the command, keeps its spaces. */
function splitRow(row: string, columns: number): string[] {
  const words = row.trim().split(/\s+/);
  return [...words.slice(0, columns - 1), words.slice(columns - 1).join(' ')];
}
